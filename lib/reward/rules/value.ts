/** Fields with a fixed set of values. */
import type { ValueCheck } from "../../synthesis/mod.ts";
import { plainLine } from "./answer_text.ts";
import { literally } from "./pattern.ts";
import { fieldText, type Reading } from "./reading.ts";

/** Words behind a value that make it part of a phrase with another meaning: "no doubt", "no time to lose". */
const elsewhere =
  "(?:doubt|question|wonder|exception|problem|delay|time|matter|less|longer|later|sooner|better|choice|alternative|way)\\b";

/**
 * The allowed value that a field gives: it is the whole field, or stands first and before a remark that names no other:
 * "no", "**No.**", "no, as nothing bleeds"; "not urgent" is a no to "Urgent".
 *
 * @param check The field and its values.
 * @param reading The completion.
 * @returns The value as the check writes it, or undefined.
 */
export function readValue(check: ValueCheck, reading: Reading): string | undefined {
  const text = plainLine(fieldText(reading, check.where) ?? "").toLowerCase()
    .replace(/^["'(]+/, "").replace(denial(check), "no ");
  const says = (value: string): string => `${literally(value.toLowerCase())}(?![\\p{L}\\p{N}])`;
  const named = check.allowed.filter((value) =>
    new RegExp(`(?<![\\p{L}\\p{N}])${says(value)}`, "iu").test(text)
  );
  const [value] = named;
  if (named.length !== 1 || value === undefined) return undefined;
  const first = new RegExp(`^${says(value)}(?!\\s+${elsewhere})`, "iu");
  return first.test(text) ? value : undefined;
}

/** "Not urgent" in the field "Urgent". */
function denial({ where }: ValueCheck): RegExp {
  const label = where.format === "text" ? "" : literally(where.field);
  return label === ""
    ? /(?!)/
    : new RegExp(`^not\\s+(?=(?:\\w+\\s+)?${label}(?![\\p{L}\\p{N}]))`, "iu");
}

/** A value may be stated this often: at the start, and again at the end. */
const mostStatements = 2;

/** 1 when the field gives the expected value, whatever its case; less when it is said over and over; anything else is 0. */
export function verifyValue(check: ValueCheck, reading: Reading): number {
  if (readValue(check, reading)?.toLowerCase() !== check.expected.toLowerCase()) return 0;
  const said = fieldText(reading, check.where)!.split("\n").filter((line) => line.trim() !== "");
  return Math.min(1, mostStatements / said.length);
}
