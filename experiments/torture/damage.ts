/**
 * Files that are damaged, replaced or gone: a run either ends with the same bits or says what is wrong.
 *
 * @module
 */
import { cp, readdir } from "node:fs/promises";
import { join, relative } from "@std/path";
import { isFolder, type RandomStream } from "../../lib/runtime/mod.ts";
import { runProject } from "./process.ts";
import { judge, type Outcome, type Trial, undisturbed } from "./trial.ts";
import type { Whole, Work } from "./work.ts";

/** What is done to a file. */
export const damages = ["half", "flip", "empty", "garbage", "deleted", "folder"] as const;

/** One of the {@linkcode damages}. */
export type Damage = typeof damages[number];

/** Damages a file. */
export async function damageFile(
  path: string,
  damage: Damage,
  random: RandomStream,
): Promise<void> {
  const bytes = await Deno.readFile(path);
  if (damage === "deleted" || damage === "folder") {
    await Deno.remove(path);
    if (damage === "folder") await Deno.mkdir(path);
    return;
  }
  if (damage === "flip") {
    const at = Math.floor(random.next() * bytes.length);
    if (bytes.length > 0) bytes[at]! ^= 1 << Math.floor(random.next() * 8);
  }
  if (damage === "garbage") bytes.forEach((_, i) => bytes[i] = Math.floor(random.next() * 256));
  const kept = damage === "half" ? bytes.length >> 1 : damage === "empty" ? 0 : bytes.length;
  await Deno.writeFile(path, bytes.subarray(0, kept));
}

/** The files of a folder but locks and what TensorBoard reads. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !/^(?:events\.|\.lock)/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

/** A state of a folder, made once, and what is run on a damaged copy of it. */
interface Scene {
  /** The group in the table. */
  readonly kind: string;
  /** Makes the folder. */
  readonly make: (folder: string) => Promise<void>;
  /** Runs a command on a damaged copy; says how it ended. */
  readonly use: (folder: string) => Promise<Outcome>;
}

/** Trials of a scene: files and damages drawn without repetition. */
function sceneTrials(scene: Scene, count: number, base: string, random: RandomStream): Trial[] {
  const folder = join(base, scene.kind.replaceAll(/\W+/g, "-"));
  let pairs: Promise<(readonly [string, Damage])[]> | undefined;
  const make = async (): Promise<(readonly [string, Damage])[]> => {
    await scene.make(folder);
    const all = (await filesOf(folder)).flatMap((name) =>
      damages.map((damage) => [name, damage] as const)
    );
    return random.shuffle(all);
  };
  return Array.from({ length: count }, (_, i): Trial => ({
    kind: scene.kind,
    name: `damage ${i}`,
    run: async (copied) => {
      const [name, damage] = (await (pairs ??= make()))[i] ?? [];
      if (name === undefined || damage === undefined) return { skipped: "no file is left" };
      await cp(folder, copied, { recursive: true });
      await damageFile(join(copied, name), damage, random);
      const outcome = await scene.use(copied);
      return typeof outcome === "object" && "fault" in outcome
        ? { fault: `${name}, ${damage}: ${outcome.fault}` }
        : outcome;
    },
  }));
}

/**
 * Trials that damage files of a stopped training, of a finished one that is evaluated, and of a store.
 *
 * @param works a training and an experiment
 * @param count trials of each scene
 * @param whole the undisturbed run of a work
 * @param base where the folders to be damaged are made
 * @param random draws files, damages and bytes
 */
export function damageTrials(
  { training, experiment }: { readonly training: Work; readonly experiment: Work },
  count: number,
  whole: (work: Work) => Promise<Whole>,
  base: string,
  random: RandomStream,
): Trial[] {
  const evaluate = (folder: string): string[] => [
    ...["--run", folder, "--test-items", "2", "--max-new-tokens", "8"],
    ...["--mmlu-questions", "0", "--pubmedqa-questions", "0"],
  ];
  let scores: Promise<string> | undefined;
  const scenes: Scene[] = [
    {
      kind: `damaged: stopped ${training.name}`,
      make: async (folder) => {
        const { seconds } = await whole(training);
        // On a busy machine it may be ended before it has written anything.
        for (let after = 0.8 * seconds; !await isFolder(folder); after *= 1.5) {
          await runProject(training.task, training.args(folder), {
            signals: [{ after, signal: "SIGTERM" }],
          });
        }
      },
      use: async (folder) =>
        await judge(
          await runProject(training.task, training.args(folder)),
          async () => training.same(folder, (await whole(training)).folder),
          "another result than undamaged",
        ),
    },
    {
      kind: "damaged: run that is evaluated",
      make: async (folder) => await cp((await whole(training)).folder, folder, { recursive: true }),
      use: async (folder) => {
        scores ??= whole(training).then((run) => undisturbed("evaluate", evaluate(run.folder)))
          .then(({ out }) => withoutPaths(out));
        const ended = await runProject("evaluate", evaluate(folder));
        const same = async (): Promise<boolean> => withoutPaths(ended.out) === await scores;
        return await judge(ended, same, "other scores than undamaged");
      },
    },
    {
      kind: `damaged: store of ${experiment.name}`,
      make: async (folder) => {
        await cp((await whole(experiment)).folder, folder, { recursive: true });
      },
      use: async (folder) =>
        await judge(
          await runProject(experiment.task, experiment.args(folder)),
          async () => experiment.same(folder, (await whole(experiment)).folder),
          "another result than undamaged",
        ),
    },
  ];
  return scenes.flatMap((scene) => sceneTrials(scene, count, base, random));
}

/** What a command says, but for paths, which differ between folders, and for times. */
function withoutPaths(text: string): string {
  return text.replace(/\/\S+/g, "PATH").replace(/\d+(?:\.\d+)? ?m?s\b/g, "TIME");
}
