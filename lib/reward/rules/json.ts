/** JSON objects to a schema. */
import type { JsonCheck } from "../../synthesis/mod.ts";
import { literally } from "./pattern.ts";
import type { Reading } from "./reading.ts";

/**
 * Share of the keys with the right type, out of all keys wanted or given, when the completion is one JSON object. A
 * completion that starts as an object but does not parse earns at most a quarter, for the keys it shows.
 */
export function verifyJson(check: JsonCheck, reading: Reading): number {
  if (reading.json === undefined) {
    if (!reading.text.includes("{")) return 0;
    const shown = check.keys.filter(({ key }) =>
      new RegExp(`"${literally(key)}"\\s*:`).test(reading.text)
    ).length;
    return 0.25 * shown / check.keys.length;
  }
  const object = reading.json;
  const right = check.keys.filter(({ key, type }) => {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (type === "string") return typeof value === "string" && value.trim() !== "";
    return Array.isArray(value) && value.length > 0 &&
      value.every((part) => typeof part === "string" && part !== "");
  }).length;
  return right / Math.max(check.keys.length, Object.keys(object).length);
}
