/** What jinja2 finds in a template before it renders it: filters and tests that it does not know. @module */

import { TemplateError } from "./lexer.ts";
import type { Expression, Statement, Target } from "./syntax.ts";

const filters = new Set(
  ("abs attr batch capitalize center count d default dictsort e escape filesizeformat first float forceescape format " +
    "groupby indent int items join last length list lower map max min pprint random reject rejectattr replace reverse " +
    "round safe select selectattr slice sort string striptags sum title tojson trim truncate unique upper urlencode " +
    "urlize wordcount wordwrap xmlattr").split(" "),
);

const tests = new Set(
  ("!= < <= == > >= boolean callable defined divisibleby eq equalto escaped even false filter float ge greaterthan gt " +
    "in integer iterable le lessthan lower lt mapping ne none number odd sameas sequence string test true undefined " +
    "upper").split(" "),
);

type Node = Statement | Expression;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "kind" in value;
}

/** Statements with a scope of their own, in which jinja2 looks for names again. */
const scopes = ["for", "with", "macro", "call block", "filter block", "set block", "generation"];

/** Where the text of `safe` may go: elsewhere it would change what is joined to it. */
const printing = ["output", "concatenation", "choice"];

/** Goes through what a piece holds; `soft` behind a condition, where an unknown name is only told if it is reached. */
function check(piece: unknown, soft: boolean, printed: boolean): void {
  if (Array.isArray(piece)) piece.forEach((inner) => check(inner, soft, printed));
  else if (!isNode(piece)) {
    if (typeof piece === "object" && piece !== null) {
      Object.values(piece).forEach((inner) => check(inner, soft, false));
    }
  } else {
    const isFilter = piece.kind === "filter";
    if (isFilter || piece.kind === "test") {
      const known = (isFilter ? filters : tests).has(piece.name);
      if (!known && !soft) {
        throw new TemplateError(`the ${piece.kind} ${piece.name}, which Jinja does not know`);
      }
      if (isFilter && piece.name === "safe" && !printed) {
        throw new TemplateError(
          "the filter safe before the end of what is printed, which is not supported",
        );
      }
    }
    const within = piece.kind === "if" || piece.kind === "choice" ||
      (soft && !scopes.includes(piece.kind));
    const prints = printing.includes(piece.kind) && (piece.kind !== "choice" || printed);
    Object.values(piece).forEach((inner) => check(inner, within, prints));
  }
}

/**
 * Checks the names of filters and tests, as jinja2 does before it renders: all but those behind an `if`.
 *
 * @param body a template
 * @throws TemplateError for a name that jinja2 does not know, and where `safe` stands before the end of what is printed
 */
export function checkNames(body: readonly Statement[]): void {
  check(body, false, false);
}

/** Names that a piece reads where it stands; the bodies of loops, macros and blocks are left out. */
function read(piece: unknown, found: Set<string>): void {
  if (Array.isArray(piece)) piece.forEach((inner) => read(inner, found));
  else if (isNode(piece) && piece.kind === "name" && "name" in piece) found.add(piece.name);
  else if (typeof piece === "object" && piece !== null) {
    const own = isNode(piece) && scopes.includes(piece.kind) ? ["body", "otherwise", "test"] : [];
    for (const [key, inner] of Object.entries(piece)) if (!own.includes(key)) read(inner, found);
  }
}

/** Names that a target puts values into. */
function targets(target: Target): string[] {
  if (target.kind === "tuple") return target.items.flatMap(targets);
  return target.kind === "name" ? [target.name] : [];
}

/**
 * Names that a template sets itself before it reads them outside of loops, macros and blocks. In jinja2 they stand for
 * nothing inside of those until they are set, even if they were given.
 *
 * @param body a template
 */
export function ownNames(body: readonly Statement[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const own = new Set<string>();
  for (const statement of body) {
    const isSet = statement.kind === "set" || statement.kind === "set block";
    read(isSet && statement.kind === "set" ? statement.value : { ...statement, target: [] }, seen);
    const set = isSet
      ? targets(statement.target)
      : statement.kind === "macro"
      ? [statement.name]
      : [];
    for (const name of set) {
      if (!seen.has(name)) own.add(name);
      seen.add(name);
    }
    if (isSet && statement.target.kind === "namespace") seen.add(statement.target.name);
    if (statement.kind === "if") read(setIn(statement), seen);
  }
  return own;
}

/** The names that are set behind a condition, as names that are read: jinja2 looks for what was given there. */
function setIn(statement: Statement): Expression[] {
  if (statement.kind === "set" || statement.kind === "set block") {
    return targets(statement.target).map((name) => ({ kind: "name", name }));
  }
  if (statement.kind === "macro") return [{ kind: "name", name: statement.name }];
  if (statement.kind !== "if") return [];
  return [...statement.branches.flatMap(({ body }) => body), ...statement.otherwise].flatMap(setIn);
}
