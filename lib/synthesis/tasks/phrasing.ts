/** How lists and answers are written: in a sentence, as labelled lines, as a JSON object. @module */

/**
 * A text with its first letter large.
 *
 * @param text Any text.
 * @returns The text as it begins a sentence.
 */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * The slots of what a question is about.
 *
 * @param anchor Its name.
 * @returns `anchor` within a sentence, `Anchor` at its beginning.
 */
export function anchorSlots(anchor: string): { anchor: string; Anchor: string } {
  return { anchor, Anchor: capitalised(anchor) };
}

/**
 * A list in a sentence: "a", "a and b", "a, b and c".
 *
 * @param names What is listed.
 * @param word The word before the last name.
 * @returns The list; an empty text for no names.
 */
export function listed(names: readonly string[], word = "and"): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${word} ${names[names.length - 1]}`;
}

/**
 * An answer of labelled lines: `Label: value`.
 *
 * @param parts Labels and values, in order.
 * @returns The lines.
 */
export function lines(parts: readonly (readonly [label: string, value: string])[]): string {
  return parts.map(([label, value]) => `${label}: ${value}`).join("\n");
}

/**
 * A JSON object on one line, with spaces as people write them.
 *
 * @param parts Keys and values, in order; no value holds a quotation mark.
 * @returns The object's text.
 */
export function jsonLine(
  parts: readonly (readonly [key: string, value: string | readonly string[]])[],
): string {
  const shown = parts.map(([key, value]) =>
    `"${key}": ${
      typeof value === "string" ? `"${value}"` : `[${value.map((v) => `"${v}"`).join(", ")}]`
    }`
  );
  return `{${shown.join(", ")}}`;
}
