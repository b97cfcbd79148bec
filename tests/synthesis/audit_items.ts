/** Items by hand for tests of the audit. */
import type { Decision, Item } from "../../lib/synthesis/mod.ts";

/** What a test says of an item; the rest is filled in. */
export type Told =
  & Partial<Omit<Item, "decisions">>
  & { readonly options?: readonly string[]; readonly answer?: number };

let made = 0;

/** An item that asks for a diagnosis among options, which its prompt lists behind the evidence. */
export function ask({ options = [], answer = 0, ...told }: Told): Item {
  const decision: Decision = { where: { format: "line", field: "Diagnosis" }, options, answer };
  const evidence = told.evidence ?? "The findings.";
  made += 1;
  return {
    id: made.toString(16).padStart(16, "0"),
    capability: "reasoning",
    family: "diagnosis",
    version: 1,
    split: "train",
    prompt: `${evidence} Is it ${options.join(" or ")}?`,
    reference: `Diagnosis: ${options[answer] ?? "none"}`,
    checks: [{ kind: "labels", capability: "instruction", labels: ["Diagnosis"] }],
    claims: [],
    decisions: options.length === 0 ? [] : [decision],
    evidence,
    case: `case ${made}`,
    template: "diagnosis/train-1",
    ...told,
  };
}

/** Items of a whole group: each option is right in one of them, by its evidence, and stands once at each place. */
export function askGroup(
  options: readonly string[],
  { evidence = (name) => `Signs of ${name}.`, group = options.join("+"), ...told }:
    & Omit<Told, "options" | "answer" | "evidence">
    & { readonly evidence?: (name: string) => string } = {},
): Item[] {
  return options.map((name, turn) => {
    // The option of this turn stands at place -turn: at each place once over all turns.
    const shown = options.map((_, place) => options[(place + 2 * turn) % options.length]!);
    return ask({
      ...told,
      group,
      options: shown,
      answer: shown.indexOf(name),
      evidence: evidence(name),
    });
  });
}
