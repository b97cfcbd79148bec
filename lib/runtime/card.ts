/** What model cards and data cards have in common: a YAML head, code, and a seal that tells whether one was changed. @module */

import { join } from "@std/path";
import { isObject } from "./config_file.ts";
import { UsageError } from "./errors.ts";
import { sha256Hex } from "./hash.ts";
import { readText } from "./text_file.ts";

/** Name of a card's file. */
export const cardFile = "README.md";

/** A value without lines of its own: a scalar, or something empty, in JSON's form where it could be taken for another. */
function yamlScalar(x: unknown): string {
  return typeof x === "string" && /^[A-Za-z][\w./-]*$/.test(x) &&
      !/^(yes|no|true|false|null|on|off|y|n)$/i.test(x)
    ? x
    : JSON.stringify(x);
}

/** Lines of YAML in block style. */
function yamlLines(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((entry) =>
      yamlLines(entry).map((line, i) => (i === 0 ? "- " : "  ") + line)
    );
  }
  if (!isObject(value) || Object.keys(value).length === 0) return [yamlScalar(value)];
  return Object.entries(value).flatMap(([key, x]) => {
    const lines = yamlLines(x);
    const nested = (Array.isArray(x) && x.length > 0) ||
      (isObject(x) && Object.keys(x).length > 0);
    if (!nested) return [`${key}: ${lines[0]}`];
    return [`${key}:`, ...lines.map((line) => Array.isArray(x) ? line : `  ${line}`)];
  });
}

/**
 * A YAML document of JSON's values, in block style.
 *
 * @param head keys and values; keys are words
 * @returns the document's text, which ends with a line feed
 */
export function yamlText(head: Readonly<Record<string, unknown>>): string {
  return yamlLines(head).join("\n") + "\n";
}

/** A fenced block of code in Markdown. */
export function codeBlock(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

/** A card with a last line, which readers do not show, that tells whether it was changed since. */
export async function sealed(card: string): Promise<string> {
  return `${card}\n<!-- written by the BalancedBio workbench, sha256 ${await sha256Hex(
    card,
  )} -->\n`;
}

/**
 * Refuses a folder whose README.md is not a card that was written before and is unchanged.
 *
 * @param out the folder
 * @param card which card may be there, for the message
 * @returns whether such a card is there
 * @throws UsageError naming the file
 */
export async function checkOwnCard(out: string, card: string): Promise<boolean> {
  const path = join(out, cardFile);
  const text = await readText(path);
  if (text === undefined) return false;
  if (await sealed(text.slice(0, text.lastIndexOf("\n<!-- "))) === text) return true;
  throw new UsageError(
    `Expected no ${cardFile} in --out but ${card} but found another text in ${path}; ` +
      "move it away, or give another --out",
  );
}
