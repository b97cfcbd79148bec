/**
 * Consistency: rules that every item and every group keeps, whatever chance does. A broken one is a fault of the file.
 *
 * @module
 */
import type { Decision, Item } from "../item.ts";
import { normalizeText } from "../overlap.ts";
import { decidedOption } from "./decided.ts";
import { shownOptions } from "./questions.ts";

/** The rules, in the order in which they are told. */
export const itemRules = [
  "evidence not in prompt",
  "option not in prompt",
  "options in another order",
  "option twice",
  "reference states another option",
  "check asks for another option",
  "options differ within group",
  "option never right in group",
  "option right more often in group",
  "equal prompts, other answers",
] as const;

/** One of {@linkcode itemRules}. */
export type ItemRule = (typeof itemRules)[number];

/** A broken rule. */
export interface ConsistencyFault {
  /** The rule. */
  readonly rule: ItemRule;
  /** Id of the item, or of the first item concerned. */
  readonly item: string;
  /** What was found. */
  readonly detail: string;
}

const fieldOf = (
  { where }: Decision,
): string => (where.format === "text" ? "the text" : where.field);
const quoted = (
  text: string | undefined,
): string => (text === undefined ? "none" : JSON.stringify(text));
const sameOptions = (a: readonly string[], b: readonly string[]): boolean =>
  a.map(normalizeText).sort().join("\n") === b.map(normalizeText).sort().join("\n");

/** What the item's own checks accept for a decision, where one of them speaks of its options. */
function checkedOption(item: Item, decision: Decision): string | undefined {
  for (const check of item.checks) {
    if (check.kind === "choice" && sameOptions(check.options, decision.options)) {
      return check.options["ABCD".indexOf(check.letter)];
    }
    if (
      check.kind === "value" && sameOptions(check.allowed, decision.options) &&
      JSON.stringify(check.where) === JSON.stringify(decision.where)
    ) return check.expected;
  }
  return undefined;
}

function evidenceFaults({ id, prompt, evidence }: Item): ConsistencyFault[] {
  if (evidence === undefined || prompt.includes(evidence)) return [];
  return [{ rule: "evidence not in prompt", item: id, detail: quoted(evidence) }];
}

function decisionFaults(item: Item, decision: Decision): ConsistencyFault[] {
  const { options, answer } = decision;
  const faults: ConsistencyFault[] = [];
  const report = (rule: ItemRule, detail: string): void =>
    void faults.push({ rule, item: item.id, detail: `${fieldOf(decision)}: ${detail}` });
  const { order, missing } = shownOptions(item.prompt, options);
  for (const place of missing) report("option not in prompt", quoted(options[place]));
  if (missing.length === 0 && order.some((place, i) => place !== i)) {
    report("options in another order", order.map((place) => options[place]).join(", "));
  }
  if (new Set(options.map(normalizeText)).size < options.length) {
    report("option twice", options.join(", "));
  }
  const stated = decidedOption(decision, item.reference);
  if (stated !== answer) {
    const found = stated === undefined ? undefined : options[stated];
    report(
      "reference states another option",
      `expected ${quoted(options[answer])} but found ${quoted(found)}`,
    );
  }
  const checked = checkedOption(item, decision);
  if (checked !== undefined && normalizeText(checked) !== normalizeText(options[answer]!)) {
    report(
      "check asks for another option",
      `expected ${quoted(options[answer])} but found ${quoted(checked)}`,
    );
  }
  return faults;
}

/** Decisions of items that can be compared, by what they share and their number. */
function gathered(
  items: readonly Item[],
  keyOf: (item: Item) => string | undefined,
): Map<string, { readonly item: Item; readonly decision: Decision }[]> {
  const found = new Map<string, { item: Item; decision: Decision }[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    for (const [number, decision] of item.decisions.entries()) {
      const name = `${number} ${key}`;
      const own = found.get(name) ?? [];
      own.push({ item, decision });
      found.set(name, own);
    }
  }
  return found;
}

function groupFaults(items: readonly Item[]): ConsistencyFault[] {
  return gathered(items, ({ group }) => group).values().flatMap((members): ConsistencyFault[] => {
    const { item, decision } = members[0]!;
    const detail = (text: string): string => `group ${item.group}, ${fieldOf(decision)}: ${text}`;
    const other = members.find((member) => !sameOptions(member.decision.options, decision.options));
    if (other !== undefined) {
      const found = `${decision.options.join(", ")} against ${other.decision.options.join(", ")}`;
      return [{
        rule: "options differ within group",
        item: item.id,
        detail: detail(found),
      }];
    }
    return decision.options.flatMap((option) => {
      const right = members.filter(({ decision: { options, answer } }) =>
        normalizeText(options[answer]!) === normalizeText(option)
      ).length;
      const share = Math.max(1, members.length / decision.options.length);
      if (right > 0 && right <= share) {
        return [];
      }
      const rule = right === 0 ? "option never right in group" : "option right more often in group";
      return [{
        rule,
        item: item.id,
        detail: detail(`${quoted(option)} in ${right} of ${members.length}`),
      }];
    });
  }).toArray();
}

function promptFaults(items: readonly Item[]): ConsistencyFault[] {
  return gathered(items, ({ prompt }) => normalizeText(prompt)).values().flatMap(
    (members): ConsistencyFault[] => {
      const answers = new Map(
        members.map((
          { item, decision: { options, answer } },
        ) => [normalizeText(options[answer]!), item.id]),
      );
      const first = members[0]!;
      return answers.size === 1 ? [] : [{
        rule: "equal prompts, other answers",
        item: first.item.id,
        detail: `${fieldOf(first.decision)}: ${
          [...answers].map(([answer, id]) => `${quoted(answer)} in ${id}`).join(", ")
        }`,
      }];
    },
  ).toArray();
}

/**
 * All rules that items break.
 *
 * @param items The items of a file; a group's items must all be among them.
 * @returns The faults by rule, within it in the order of the items.
 */
export function consistencyFaults(items: readonly Item[]): ConsistencyFault[] {
  const faults = [
    ...items.flatMap(evidenceFaults),
    ...items.flatMap((item) =>
      item.decisions.flatMap((decision) => decisionFaults(item, decision))
    ),
    ...groupFaults(items),
    ...promptFaults(items),
  ];
  return itemRules.flatMap((rule) => faults.filter((fault) => fault.rule === rule));
}
