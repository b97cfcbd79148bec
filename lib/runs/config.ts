/** Options of a training run: one schema for the configuration file, the command line and the run folder. @module */

import { z } from "zod";
import {
  type AnySchema,
  isObject,
  type OutputOf,
  parseConfig,
  unwrap,
  UsageError,
} from "../runtime/mod.ts";
import * as schemas from "./schemas.ts";
import { methods } from "./schemas.ts";

/** All options of a training run. */
export const trainSchema: (typeof schemas)["trainSchema"] = schemas.trainSchema;

/** What large matrix products are computed in, as an option of commands and runs. */
export const precisionSchema: (typeof schemas)["precisionSchema"] = schemas.precisionSchema;

/** See {@linkcode trainSchema}. */
export type TrainConfig = OutputOf<typeof trainSchema>;

/** A configuration in which anything may be left out. */
export type PartialConfig = Readonly<Record<string, unknown>>;

/** An option at its place in the configuration. */
interface Leaf {
  /** Keys from the top. */
  readonly path: readonly [string] | readonly [string, string];
  readonly type: z.ZodType;
}

/** Fields of an object, or of all members of a union of objects; what tells the members apart is a choice. */
function fieldsOf(type: z.ZodType): Record<string, z.ZodType> | undefined {
  if (type instanceof z.ZodObject) return type.shape as Record<string, z.ZodType>;
  if (!(type instanceof z.ZodDiscriminatedUnion)) return undefined;
  const members = (type.options as unknown as z.ZodObject[]).map(({ shape }) => shape);
  const key = type.def.discriminator;
  const names = members.map((shape) => String((shape[key] as z.ZodLiteral).value));
  return Object.assign({}, ...members, {
    [key]: z.enum(names).default(names[0]!).describe("What is trained"),
  });
}

function leavesOf(): Leaf[] {
  return Object.entries(trainSchema.shape).flatMap(([key, type]): Leaf[] => {
    const fields = fieldsOf(unwrap(type as z.ZodType).core);
    return fields === undefined
      ? [{ path: [key], type: type as z.ZodType }]
      : Object.entries(fields).map(([name, field]) => ({ path: [key, name], type: field }));
  });
}

const isMethod = (group: string) => (methods as readonly string[]).includes(group);

/** The method that alone reads a group of options; rewards are GRPO's. */
const ownerOf = (group: string): string | undefined =>
  group === "rewards" ? "grpo" : isMethod(group) ? group : undefined;

/** Name of an option on the command line: those of the methods stand alone, others behind their group. */
function optionKey([group, name]: Leaf["path"]): string {
  if (name === undefined) return group;
  if (isMethod(group)) return name;
  return `${group}${name[0]!.toUpperCase()}${name.slice(1)}`;
}

/** Value and unit of a default as the help shows it. */
function shownDefault(type: z.ZodType): string {
  const parsed = type.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined || parsed.data === false) return "";
  return Array.isArray(parsed.data) ? parsed.data.join(",") : String(parsed.data);
}

/** Whether a value can be written on a command line: a list of objects cannot, and stays for the file. */
function isPlain(type: z.ZodType): boolean {
  const { core } = unwrap(type);
  return !(core instanceof z.ZodArray &&
    unwrap(core.element as z.ZodType).core instanceof z.ZodObject);
}

/** The options of the command line: every plain leaf of {@linkcode trainSchema}, all of them optional. */
export function commandOptions(): Record<string, AnySchema> {
  const grouped = Map.groupBy(
    leavesOf().filter(({ type }) => isPlain(type)),
    ({ path }) => optionKey(path),
  );
  return Object.fromEntries(
    [...grouped].map(([key, leaves]) => {
      const { core, description } = unwrap(leaves[0]!.type);
      const [group] = leaves[0]!.path;
      const owner = ownerOf(group);
      const only = leaves.length === 1 && owner !== undefined ? ` (${owner} only)` : "";
      const defaults = leaves.map(({ type }) => shownDefault(type));
      const shown = new Set(defaults).size === 1
        ? defaults[0]!
        : leaves.map(({ path }, i) => `${path[0]} ${defaults[i]}`).join(", ");
      const text = `${description}${only}${shown && ` (default ${shown})`}`;
      return [key, core.optional().describe(text)];
    }),
  );
}

/**
 * The configuration that options of the command line make; what was not given is left out.
 *
 * @throws UsageError for an option of the method that does not run
 */
export function fromOptions(options: PartialConfig, method: unknown): PartialConfig {
  const config: Record<string, unknown> = {};
  for (const [key, leaves] of Map.groupBy(leavesOf(), ({ path }) => optionKey(path))) {
    const value = options[key];
    if (value === undefined) continue;
    const leaf = leaves.find(({ path }) => path[0] === method) ?? leaves[0]!;
    const [group, name] = leaf.path;
    const owner = ownerOf(group);
    if (owner !== undefined && owner !== method) {
      throw new UsageError(
        `Expected options of ${method} but found ${key}, which is one of ${owner}, on the command line`,
      );
    }
    if (name === undefined) config[group] = value;
    else config[group] = { ...config[group] as object, [name]: value };
  }
  return config;
}

/** Lays the second configuration over the first, group by group; another kind of tuning replaces the whole group. */
export function overlay(base: PartialConfig, over: PartialConfig): PartialConfig {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    const joined = isObject(old) && isObject(value) &&
      (value.kind === undefined || value.kind === old.kind);
    merged[key] = joined ? { ...old, ...value } : value;
  }
  return merged;
}

/** The configuration of a run: without the options of the method that does not run. */
export type RunConfig =
  & Omit<TrainConfig, "rewards" | "sft" | "grpo">
  & Partial<Pick<TrainConfig, "rewards" | "sft" | "grpo">>;

/**
 * Checks a configuration and fills in defaults.
 *
 * @param where what it was read from, for messages
 * @throws UsageError one line for the first fault
 */
export function completeConfig(given: PartialConfig, where: string): RunConfig {
  const base = overlay({ tuning: { kind: "lora" } }, given);
  const config = parseConfig(trainSchema, base, where);
  const stray = Object.keys(base.tuning as object).find((key) => !(key in config.tuning));
  if (stray !== undefined) {
    throw new UsageError(
      `Expected only options of ${config.tuning.kind} tuning but found tuning.${stray} in ${where}`,
    );
  }
  const { rewards, sft, grpo, ...rest } = config;
  return { ...rest, ...(config.method === "sft" ? { sft } : { rewards, grpo }) };
}
