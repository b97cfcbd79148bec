/**
 * Sentences that are read as one, since only one of them names what they speak of.
 *
 * @module
 */
import type { TextReading } from "../text/claims.ts";
import { isOf } from "../text/relation_links.ts";
import { longest } from "../text/sentences.ts";
import type { TextName } from "../text/types.ts";
import type { FactBook } from "./disease_facts.ts";
import { ofSomething } from "./statements.ts";

/** How a text goes on about its disease: with a statement, its tests, its red flags. */
const goesOn = new RegExp(
  String.raw`${ofSomething.source}|\b(?:red\s+flags?|diagnos\w+|confirmed\s+by|the\s+pain)\b`,
  "iu",
);

/** What the last sentence of a vignette says of its patient. */
const conclusion =
  /\b(?:diagnos\w+|(?:he|she|this|it|the\s+patient)\s+(?:is|has|had|must\s+have|(?:may|might|could)\s+(?:have|be))|suspect\w*|fear\w*|exclud\w+|ruled?\s+out|consider\w*|likely|suggest\w*|points?\s+to|think\s+of|picture|typical|fits?)\b/i;

/**
 * The sentences of a text, those in one of which one alone names a disease and which a semicolon parts, "it is gout; the toe hurts", or which
 * report on a patient and conclude, "a man has a hot, swollen toe. The diagnosis is gout", or which go on about its drugs: "gout hurts.
 * Colchicine is the first-line drug."
 *
 * @param sentences The sentences with their names.
 * @param text The whole text.
 * @param book Tells which names are diseases with facts.
 * @returns As many or fewer, each of at most {@linkcode longest} characters where it was joined.
 */
export function joinedSentences(
  sentences: TextReading["sentences"],
  text: string,
  book: FactBook,
): TextReading["sentences"] {
  const namesDisease = (names: readonly TextName[]): boolean =>
    names.some(({ entities, standsFor }) =>
      standsFor === undefined &&
      entities.some(({ id, kind }) => kind === "disease" && book.factsOf(id) !== undefined)
    );
  const namesMedical = (names: readonly TextName[]): boolean =>
    names.some((name) => isOf(name, ["drug", "symptom"]));
  const isVignette = ({ names, place }: TextReading["sentences"][number]): boolean =>
    names.some(({ person }) => person === "patient") ||
    /^an?\s+(?:[\w-]+\s+){0,5}(?:man|woman|boy|girl|child|infant|person|patient|smoker|student|athlete|worker|baby|teenager)\b/i
      .test(text.slice(place.start, place.end));
  const whole: TextReading["sentences"][number][] = [];
  for (const next of sentences) {
    const last = whole.at(-1);
    const isPart = last !== undefined &&
      last.place.form === "statement" && next.place.form === "statement" &&
      next.place.label === undefined && next.place.end - last.place.start <= longest &&
      (text[last.place.end - 1] === ";"
        ? !(namesDisease(last.names) && namesDisease(next.names))
        : (isVignette(last) && !namesDisease(last.names) && namesDisease(next.names) &&
          conclusion.test(text.slice(next.place.start, next.place.end))) ||
          (namesDisease(last.names) && !namesDisease(next.names) &&
            (namesMedical(next.names) ||
              goesOn.test(text.slice(next.place.start, next.place.end)))));
    if (!isPart) {
      whole.push(next);
      continue;
    }
    const place = { ...last.place, end: next.place.end };
    whole.splice(-1, 1, { place, names: [...last.names, ...next.names] });
  }
  return whole;
}
