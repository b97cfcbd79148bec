/**
 * Validation of a text: its claims, each with a verdict and what it rests on. With a prompt the text is read as the answer
 * to it: what it says of the patient must stand in the prompt, its diagnosis and drug must be among those that the prompt
 * offers, and the diagnosis must show the prompt's findings.
 *
 * @module
 */
import { answerClaims } from "./answers/answer_claims.ts";
import type { Entails } from "./answers/case_checks.ts";
import { claimsOfPrompt } from "./answers/prompt_claims.ts";
import { numberChecks } from "./answers/prompt_numbers.ts";
import { isJudgement } from "./answers/question_claims.ts";
import type { FactBook } from "./facts/disease_facts.ts";
import { withFacts } from "./facts/sentence_facts.ts";
import { ancestorsOf } from "./graph/closure.ts";
import { candidates } from "./graph/names.ts";
import { textVerdicts } from "./judges/claim_verdicts.ts";
import { type ClaimJudge, graphJudge } from "./judges/graph_judge.ts";
import { type BoundsOf, hierarchyBounds, profileFaults } from "./judges/person_profile.ts";
import { noFacts } from "./judges/person_reports.ts";
import { readText } from "./text/claims.ts";
import type { TextReading } from "./text/claims.ts";
import { jointClaims } from "./text/labelled_lines.ts";
import { meaningOf } from "./text/names.ts";
import { residueIn, type TextFault } from "./text/residue.ts";
import type { CheckedTextClaim, TextClaim, TextVerdict } from "./text/types.ts";
import type { TextName } from "./text/types.ts";
import type { Knowledge } from "./types.ts";

/** How a text is validated. */
export interface TextOptions {
  /** The text that it answers: the facts of a patient, a question, candidates and drugs to choose from. */
  readonly prompt?: string;
  /** What decides about diseases and drugs; the graph when left out. */
  readonly judge?: ClaimJudge;
  /** Who can have a disease; what the hierarchy says of sex and childhood when left out. */
  readonly boundsOf?: BoundsOf;
  /** Whether whoever has a finding has what some words name; the hierarchy when left out. */
  readonly entails?: Entails;
  /** The facts of diseases, against which sentences are held; none when left out. */
  readonly book?: FactBook;
}

/** What was found in a text. */
export interface TextValidation {
  /** The claims in the order of the text, those that follow from several lines or from the prompt last. */
  readonly claims: readonly CheckedTextClaim[];
  /** How many there are of each verdict. */
  readonly counts: Readonly<Record<TextVerdict, number>>;
  /** What is no part of a text. */
  readonly faults: readonly TextFault[];
}

/**
 * Whether something in a text is refused: a claim that is not supported, or a fault.
 *
 * @param found What was found in it.
 * @returns True where any claim is contradicted, associated or unknown, or where there is a fault.
 */
export function isRefused({ counts, faults }: TextValidation): boolean {
  return counts.contradicted + counts.associated + counts.unknown + faults.length > 0;
}

/** By the hierarchy alone: whoever has a finding has what it is a kind of. */
const hierarchyEntails = (knowledge: Knowledge): Entails => ({ id }, words) =>
  candidates(knowledge, words, "symptom").some(({ entity }) =>
    entity.id === id || ancestorsOf(knowledge, id).has(entity.id)
  );

/** The diseases that a text says its patient has. */
function diagnosesIn({ claims, fields }: TextReading): TextName[] {
  const said = claims.filter(({ relation, polarity, experiencer, certainty, time }) =>
    relation === "has" && polarity === "affirmed" && experiencer === "patient" &&
    time !== "future" &&
    certainty !== "hypothetical"
  ).map(({ object }) => object);
  const named = fields.filter(({ role }) => role === "diagnosis").flatMap(({ names, denied }) =>
    names.filter((name) => !denied.has(name))
  );
  return [...said, ...named].filter((name) => meaningOf(name, ["disease"]) !== undefined);
}

/**
 * Reads a text and checks what it says.
 *
 * @param text Any text.
 * @param knowledge The graph.
 * @param options Prompt and judge.
 * @returns Claims with verdicts, and their counts. The same text gives the same result; time grows with its length.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildKnowledge, readObo, validateText } from "./mod.ts";
 *
 * const diseases = readObo('[Term]\nid: D:1\nname: cold\ndef: "An infection that has_symptom cough." []\n', "d.obo");
 * const symptoms = readObo("[Term]\nid: S:1\nname: cough\n[Term]\nid: S:2\nname: rash\n", "s.obo");
 * const k = buildKnowledge({ diseases, symptoms, nodes: [], edges: [], indications: [], warnings: [] });
 * const { claims } = validateText("Colds cause cough. A cold does not cause cough. Rash is a sign of a cold.", k);
 * assertEquals(claims.map(({ verdict }) => verdict), ["supported", "contradicted", "unknown"]);
 * ```
 */
export function validateText(
  text: string,
  knowledge: Knowledge,
  {
    prompt,
    judge = graphJudge(knowledge),
    boundsOf = hierarchyBounds(knowledge),
    entails = hierarchyEntails(knowledge),
    book,
  }: TextOptions = {},
): TextValidation {
  const facts = noFacts();
  const reading = readText(knowledge, text);
  const claims: CheckedTextClaim[] = [];
  if (prompt === undefined) {
    const open = { knowledge, judge, facts, closed: false };
    const read = textVerdicts(text, [...reading.claims, ...jointClaims(reading.fields)], open);
    claims.push(...(book === undefined ? read : withFacts(reading, read, { book, judge })));
    claims.push(...profileFaults([reading], boundsOf, diagnosesIn(reading)));
  } else {
    const asked = readText(knowledge, prompt, true);
    const judged = reading.fields.some((field) =>
      field.role === "answer" && isJudgement(text, field)
    );
    const given = textVerdicts(prompt, claimsOfPrompt(asked, judged), {
      knowledge,
      judge,
      facts,
      closed: false,
    });
    const told = asked.claims.some(({ relation }) => relation === "has");
    const context = { knowledge, judge, facts, closed: told };
    const decide = (some: readonly TextClaim[]) => textVerdicts(text, some, context);
    const { fields } = reading;
    const more = answerClaims({ knowledge, asked, text, fields, decide, entails }, reading);
    const own = reading.claims.filter(({ relation, object }) =>
      relation !== "has" || !more.diagnoses.includes(object)
    );
    claims.push(...textVerdicts(text, own, context));
    claims.push(
      ...textVerdicts(text, more.claims, context),
      ...more.checked,
      ...numberChecks(prompt, text),
      ...given.filter(({ verdict }) => verdict !== "not a claim").map((claim) => ({
        ...claim,
        rule: `${claim.rule} (prompt)`,
      })),
      ...profileFaults([asked, reading], boundsOf, [
        ...diagnosesIn(asked),
        ...diagnosesIn(reading),
      ]),
    );
  }
  const counts: Record<TextVerdict, number> = {
    supported: 0,
    contradicted: 0,
    associated: 0,
    unknown: 0,
    "not a claim": 0,
  };
  for (const { verdict } of claims) counts[verdict] += 1;
  return { claims, counts, faults: residueIn(text) };
}
