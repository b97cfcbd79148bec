/** Dates by Python's `strftime`, which chat templates call as `strftime_now`. @module */

import { TemplateError } from "./lexer.ts";

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  ...["January", "February", "March", "April", "May", "June", "July"],
  ...["August", "September", "October", "November", "December"],
];

/** Directives that stand for others. */
const compound: Readonly<Record<string, string>> = {
  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  h: "%b",
  r: "%I:%M:%S %p",
  R: "%H:%M",
  T: "%H:%M:%S",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

const day = 86_400_000;

/** Day of the year, from 1. */
function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 1);
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / day + 1;
}

/** Year and week of ISO 8601: a week belongs to the year that its Thursday lies in. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getFullYear(), date.getMonth(), date.getDate());
  thursday.setDate(thursday.getDate() + 4 - (thursday.getDay() || 7));
  return { year: thursday.getFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}

/** A number with the width and filling that it has without a flag. */
function numeric(date: Date, letter: string): readonly [number, number, string] | undefined {
  const hour = date.getHours();
  const weekOf = (first: number): number =>
    Math.floor((dayOfYear(date) + 6 - (date.getDay() - first + 7) % 7) / 7);
  switch (letter) {
    case "C":
      return [Math.floor(date.getFullYear() / 100), 2, "0"];
    case "d":
      return [date.getDate(), 2, "0"];
    case "e":
      return [date.getDate(), 2, " "];
    case "f":
      return [date.getMilliseconds() * 1000, 6, "0"];
    case "g":
      return [isoWeek(date).year % 100, 2, "0"];
    case "G":
      return [isoWeek(date).year, 1, "0"];
    case "H":
      return [hour, 2, "0"];
    case "I":
      return [hour % 12 || 12, 2, "0"];
    case "j":
      return [dayOfYear(date), 3, "0"];
    case "k":
      return [hour, 2, " "];
    case "l":
      return [hour % 12 || 12, 2, " "];
    case "m":
      return [date.getMonth() + 1, 2, "0"];
    case "M":
      return [date.getMinutes(), 2, "0"];
    case "s":
      return [Math.floor(date.getTime() / 1000), 1, "0"];
    case "S":
      return [date.getSeconds(), 2, "0"];
    case "u":
      return [date.getDay() || 7, 1, "0"];
    case "U":
      return [weekOf(0), 2, "0"];
    case "V":
      return [isoWeek(date).week, 2, "0"];
    case "w":
      return [date.getDay(), 1, "0"];
    case "W":
      return [weekOf(1), 2, "0"];
    case "y":
      return [date.getFullYear() % 100, 2, "0"];
    case "Y":
      return [date.getFullYear(), 1, "0"];
    default:
      return undefined;
  }
}

function words(date: Date, letter: string): string | undefined {
  switch (letter) {
    case "a":
      return days[date.getDay()]!.slice(0, 3);
    case "A":
      return days[date.getDay()]!;
    case "b":
      return months[date.getMonth()]!.slice(0, 3);
    case "B":
      return months[date.getMonth()]!;
    case "n":
      return "\n";
    case "p":
      return date.getHours() < 12 ? "AM" : "PM";
    case "P":
      return date.getHours() < 12 ? "am" : "pm";
    case "t":
      return "\t";
    // A date without a zone, as Python's now() is.
    case "z":
    case "Z":
      return "";
    case "%":
      return "%";
    default:
      return undefined;
  }
}

/**
 * A date as Python's `strftime` writes it under Linux, in English and local time.
 *
 * @param date the date
 * @param format text with directives such as `%d %b %Y`; a flag `-`, `_`, `0` or `^` may follow the percent sign
 * @throws TemplateError for a directive that is not known
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { strftime } from "./strftime.ts";
 *
 * assertEquals(strftime(new Date(2024, 6, 4, 9, 5), "%A %-d %B %Y, %H:%M"), "Thursday 4 July 2024, 09:05");
 * ```
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%([-_0^]?)([\s\S]?)/gu, (whole, flag: string, letter: string) => {
    const upper = (text: string): string => flag === "^" ? text.toUpperCase() : text;
    if (Object.hasOwn(compound, letter)) return upper(strftime(date, compound[letter]!));
    const text = words(date, letter);
    if (text !== undefined) return upper(text);
    const number = numeric(date, letter);
    if (number === undefined) {
      throw new TemplateError(`the directive ${whole} of strftime_now, which is not known`);
    }
    const [value, width, fill] = number;
    if (flag === "-") return String(value);
    return String(value).padStart(width, flag === "_" ? " " : flag === "0" ? "0" : fill);
  });
}
