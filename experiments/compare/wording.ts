/** What is said of two results, computed from the numbers. @module */

import { counted, listed } from "../stages/verdicts.ts";
import { formatNumber } from "../../lib/figures/mod.ts";
import type { ComparedRow, ComparisonKind } from "./rows.ts";
import type { SettingDifference } from "./settings.ts";

/** Most names that a sentence lists. */
const MOST = 8;

/**
 * Names in a sentence, the first ones of many.
 *
 * @param names the names
 * @returns such as `a, b and 3 more`
 */
export function some(names: readonly string[]): string {
  const more = names.length - MOST;
  return more > 1 ? `${listed(names.slice(0, MOST))} and ${more} more` : listed(names);
}

const are = (n: number): string => n === 1 ? "is" : "are";

/**
 * Whether the same was run.
 *
 * @param differences what differs in what was run
 * @returns a sentence
 */
export function settingText(differences: readonly SettingDifference[]): string {
  const of = (kind: SettingDifference["kind"]) =>
    differences.filter((one) => one.kind === kind).map(({ name }) => name);
  const [options, backend, machine] = [of("option"), of("backend"), of("machine")];
  const where = machine.length === 0 ? "on the same kind of machine" : "on another machine";
  if (options.length + backend.length === 0) return `The same was run, ${where}.`;
  const parts = [
    ...options.length === 0 ? [] : [`in ${counted(options.length, "option")} (${some(options)})`],
    ...backend.length === 0 ? [] : [`in the backend (${some(backend)})`],
    ...machine.length === 0 ? [] : ["in the machine"],
  ];
  return `What was run differs ${
    parts.join(" and ")
  }: differences in what was found may come from that.`;
}

/** What was compared of an experiment. */
export interface FoundDifferences {
  readonly settings: readonly SettingDifference[];
  readonly rows: readonly ComparedRow[];
  /** Numbers in one result alone. */
  readonly alone: number;
  /** Places at which the findings differ, besides times and memory. */
  readonly places: readonly string[];
  /** Whether the dates differ. */
  readonly date: boolean;
  /** Whether the seconds differ. */
  readonly seconds: boolean;
}

const isKind = (kind: ComparisonKind) => (row: ComparedRow): boolean => row.kind === kind;

/**
 * Whether a result repeats the other.
 *
 * @param found what was compared of an experiment
 * @returns whether the same was run and the same was found, wherever and whenever
 */
export function isRepeat({ settings, rows, alone, places }: FoundDifferences): boolean {
  return alone === 0 && places.length === 0 && settings.every(({ kind }) => kind === "machine") &&
    rows.every(({ kind }) => kind === "same" || kind === "machine");
}

/**
 * What differs in a repeat.
 *
 * @param found what was compared of an experiment
 * @returns a sentence
 */
export function repeatText({ settings, rows, date, seconds }: FoundDifferences): string {
  const parts = settings.map(({ name }) => name.replace("machine.", ""));
  const measured = rows.filter((row) => row.kind === "machine" && row.difference !== 0);
  const but = [
    ...date ? ["date"] : [],
    ...parts.length === 0 ? [] : [`machine (${parts.join(", ")})`],
    ...seconds ? ["seconds"] : [],
    ...measured.length === 0 ? [] : ["measured times and memory"],
  ];
  const same = rows.filter(isKind("same")).length;
  return `Nothing differs${but.length === 0 ? "" : ` but ${but.join(", ")}`}: ${
    counted(same, "number")
  } and the findings are the same.`;
}

/**
 * How much of what was found differs. Where other options ran, findings are bound to, and nothing is said of them.
 *
 * @param found what was compared of an experiment
 * @returns a sentence
 */
export function foundText({ settings, rows, places }: FoundDifferences): string {
  const repeating = rows.filter((row) => row.kind !== "machine");
  const same = repeating.filter(isKind("same")).length;
  const counts = `Of ${counted(repeating.length, "number")} in both ${same === 0 ? "none" : same} ${
    same > 1 ? "are" : "is"
  } the same`;
  if (settings.some(({ kind }) => kind === "option")) return `${counts}.`;
  return places.length === 0
    ? `${counts}, and so are the findings.`
    : `${counts}; the findings differ in ${
      counted(places.length, "place")
    } besides times and memory, the first ${places[0]}.`;
}

/** A row in a sentence. */
function rowText({ experiment, system, capability, a, b }: ComparedRow, several: boolean): string {
  const [from, to] = [a, b].map((x) => formatNumber(x, 3));
  return `${several ? `${experiment}: ` : ""}${system} on ${capability} (${from} \u2192 ${to})`;
}

/** How many tests there are, and what a correction does; one needs none. */
function testsText({ length }: readonly ComparedRow[], below: number, alpha: number): string {
  if (length === 1) return "1 number is tested.";
  return `${
    counted(length, "number")
  } are tested. Where nothing differs, ${length} tests at ${alpha} show ${
    formatNumber(length * alpha, 1)
  } differences by chance; here ${below} ${
    below === 1 ? "lies" : "lie"
  } below it. Holm's correction over all of them keeps the chance of a single false one at ${alpha}.`;
}

/** Which rows differ beyond chance. */
function verdictText(tested: readonly ComparedRow[], alpha: number, several: boolean): string {
  const beyond = tested.filter((row) => row.p_holm! < alpha)
    .toSorted((x, y) => x.p_holm! - y.p_holm!);
  const found = some(beyond.map((row) => rowText(row, several)));
  if (tested.length === 1) {
    return beyond.length === 0
      ? "It does not differ beyond chance."
      : `It differs beyond chance: ${found}.`;
  }
  if (beyond.length === 0) return "After the correction none differs beyond chance.";
  return `After the correction ${beyond.length} ${
    beyond.length === 1 ? "differs" : "differ"
  } beyond chance: ${found}.`;
}

/** What tests cannot say. */
function limitsText(tested: readonly ComparedRow[], alpha: number): string[] {
  const few = tested.filter((row) => row.p_least! * tested.length >= alpha);
  const others = tested.filter((row) => row.other_units).length;
  const shared = tested.filter((row) => row.kind === "unpaired" && !row.other_units).length;
  const drawn = ["replicates", "seeds", "problems"];
  const asked = new Set(
    tested.flatMap(({ units }) => units === null || drawn.includes(units) ? [] : [units]),
  );
  return [
    ...few.length === 0 ? [] : [
      `In ${few.length} of ${
        counted(tested.length, "test")
      } so few pairs differ that no difference, however large, could ` +
      `lie below ${alpha} by itself after the correction: more units would help, or fewer tests.`,
    ],
    ...others === 0 ? [] : [
      `${others} ${
        are(others)
      } of other prompts or units in the two results: these may make the difference.`,
    ],
    ...shared === 0 ? [] : [
      `${shared} ${
        are(shared)
      } compared from intervals, as if the results were independent: where they share prompts, ` +
      "seeds or problems, a difference has to be larger to be found.",
    ],
    ...asked.size === 0 ? [] : [
      `Tests over ${
        [...asked].join(", ")
      } say whether what was trained differs on others like them; what another seed of ` +
      "training would change is not in them.",
    ],
  ];
}

/**
 * What the tests say.
 *
 * @param rows rows of all experiments
 * @param alpha level of the tests
 * @returns sentences, none where there is nothing to say
 */
export function testText(rows: readonly ComparedRow[], alpha: number): string[] {
  const tested = rows.filter(({ p }) => p !== null);
  const several = new Set(rows.map(({ experiment }) => experiment)).size > 1;
  const below = tested.filter(({ p }) => p! < alpha).length;
  const untested = rows.filter((row) => row.kind === "untested" && row.difference !== 0);
  return [
    ...tested.length === 0 ? [] : [
      testsText(tested, below, alpha),
      verdictText(tested, alpha, several),
      ...limitsText(tested, alpha),
    ],
    ...untested.length === 0 ? [] : [
      `${counted(untested.length, "other number")} ${
        untested.length === 1 ? "differs" : "differ"
      } and cannot be tested: ${some(untested.map((row) => rowText(row, several)))}.`,
    ],
  ];
}
