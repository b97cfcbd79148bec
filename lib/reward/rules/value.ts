/** Fields with a fixed set of values. */
import type { ValueCheck } from "../../synthesis/mod.ts";
import { fieldText, type Reading } from "./reading.ts";

/** 1 when the field is exactly the expected value, whatever its case; anything else is 0. */
export function verifyValue(check: ValueCheck, reading: Reading): number {
  return fieldText(reading, check.where)?.trim().toLowerCase() === check.expected.toLowerCase()
    ? 1
    : 0;
}
