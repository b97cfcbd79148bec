/** Functions and files that are too long to be read at once. @module */

import ts from "typescript";

/** Most lines of a function, from its first line to its closing brace. */
const LONGEST_FUNCTION = 80;

/** Most lines of a file. */
const LONGEST_FILE = 400;

/** The name under which a function is known: its own, or that of what holds it. */
function nameOf(node: ts.SignatureDeclaration, source: ts.SourceFile): string {
  if (node.name !== undefined) return node.name.getText(source);
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const holder = node.parent;
  return ts.isVariableDeclaration(holder) || ts.isPropertyAssignment(holder) ||
      ts.isPropertyDeclaration(holder)
    ? holder.name.getText(source)
    : "a function without a name";
}

/**
 * The functions of a file that are too long, and the file if it is. A function counts with those inside it, without
 * the documentation before it.
 *
 * @param path the file's path from the project's root
 * @param text its content
 * @returns a line for each, with where it begins and how many lines it has
 */
export function overLong(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineAt = (offset: number) => source.getLineAndCharacterOfPosition(offset).line + 1;
  const lines = lineAt(text.trimEnd().length);
  const found = lines > LONGEST_FILE ? [`${path}: ${lines} lines, not ${LONGEST_FILE}`] : [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const first = lineAt(node.getStart(source));
      const length = lineAt(node.getEnd()) - first + 1;
      if (length > LONGEST_FUNCTION) {
        found.push(
          `${path}:${first}: ${nameOf(node, source)} has ${length} lines, not ${LONGEST_FUNCTION}`,
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
