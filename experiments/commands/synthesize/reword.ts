/** Items in the words of a teacher, for `deno task synthesize --teacher`. @module */
import { join } from "@std/path";
import { z } from "zod";
import type { Knowledge } from "../../../lib/knowledge/mod.ts";
import { cacheFolder, openStore, progressBar, UsageError } from "../../../lib/runtime/mod.ts";
import {
  type Item,
  type Rewording,
  rewordItems,
  teacherAttempt,
  teacherKeyVariable,
  testSets,
} from "../../../lib/synthesis/mod.ts";

/** The options of the command that tell of a teacher. */
export const teacherOptions = {
  teacher: z.string().optional().describe(
    `Address of an OpenAI-compatible server that rewords the prompts of training and validation, such as http://localhost:8000/v1; its key, if it wants one, comes from ${teacherKeyVariable}`,
  ),
  teacherModel: z.string().min(1).optional().describe("The model's name on that server"),
  teacherParallel: z.int().min(1).max(256).default(4).describe("Requests to it at a time"),
  teacherRate: z.number().positive().optional().describe("Most requests to it a minute"),
  teacherTimeout: z.number().positive().max(86_400).default(120).describe(
    "Most seconds for one of its answers",
  ),
} as const;

/** Test sets stay as they are, so that a model trained on a teacher's words is judged on the same prompts as another. */
const isNoTest = ({ split }: Item): boolean => !testSets.some((name) => name === split);

/** Rewords the items of training and validation. */
export type Reword = (items: readonly Item[], knowledge: Knowledge) => Promise<Rewording>;

/** Whether an address is on this machine. */
const isLocal = (url: string): boolean =>
  /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/**
 * The teacher that the options name; its answers are kept in the cache folder.
 *
 * @param options the command's options
 * @param warn told what should not go unnoticed
 * @returns what rewords items; undefined where no teacher is named
 * @throws {UsageError} when only one of address and model is given, or one of address and key cannot be
 */
export function teacherOf(
  options: z.output<z.ZodObject<typeof teacherOptions>>,
  warn: (line: string) => void,
): Reword | undefined {
  const { teacher, teacherModel, teacherParallel, teacherRate, teacherTimeout } = options;
  if ((teacher === undefined) !== (teacherModel === undefined)) {
    const [given, missing] = teacher === undefined
      ? ["--teacher-model", "--teacher"]
      : ["--teacher", "--teacher-model"];
    throw new UsageError(`Expected ${missing} beside ${given} on the command line but found none`);
  }
  if (teacher === undefined || teacherModel === undefined) return undefined;
  const bar = progressBar("reword");
  const key = Deno.env.get(teacherKeyVariable);
  const attempt = teacherAttempt({
    url: teacher,
    model: teacherModel,
    key,
    store: openStore(join(cacheFolder(), "teacher")),
    parallel: teacherParallel,
    perMinute: teacherRate,
    timeout: teacherTimeout,
    onProgress: bar.update,
  });
  if (key && /^http:/i.test(teacher) && !isLocal(teacher)) {
    warn(`the key goes to ${new URL(teacher).host} without encryption`);
  }
  return async (items, knowledge) => {
    const rewording = await rewordItems({ items, attempt, knowledge, only: isNoTest });
    bar.finish();
    return rewording;
  };
}

/**
 * What came of a rewording, as rows of a table.
 *
 * @param rewording what came of it
 * @returns what happened, to how many items, and which share they are
 */
export function rewordingRows({ tried, reworded, refused }: Rewording): string[][] {
  const share = (n: number): string => `${(100 * n / Math.max(1, tried)).toFixed(1)} %`;
  const reasons = Object.entries(refused).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return [
    ["rewording", "items", "share"],
    ["reworded", String(reworded), share(reworded)],
    ...reasons.map(([reason, n]) => [`refused: ${reason}`, String(n), share(n)]),
  ];
}
