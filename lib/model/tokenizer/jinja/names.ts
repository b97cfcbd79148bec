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

/** Filters whose result is a text like any other, whatever they are applied to. */
const plainText = new Set(
  "tojson length count wordcount replace join int float list select reject map".split(" "),
);

/** Whether an expression gives a text that `safe` has marked, which escapes what is joined to it by `+` or a method. */
function isMarked(expression: unknown, names: ReadonlySet<string>): boolean {
  if (!isNode(expression)) return false;
  switch (expression.kind) {
    case "name":
      return names.has(expression.name);
    case "filter":
      return expression.name === "safe" ||
        (!plainText.has(expression.name) && isMarked(expression.of, names));
    case "choice":
      return isMarked(expression.yes, names) || isMarked(expression.no, names);
    case "and":
    case "or":
      return isMarked(expression.left, names) || isMarked(expression.right, names);
    default:
      return false;
  }
}

/** What of a piece must not be marked: operands, what is looked into, and what goes into calls, lists and namespaces. */
function unmarked(piece: Node): readonly unknown[] {
  switch (piece.kind) {
    case "arithmetic":
      return [piece.left, piece.right];
    case "attribute":
    case "item":
    case "slice":
      return [piece.of];
    case "list":
    case "tuple":
      return piece.items;
    case "dict":
      return piece.pairs.flat();
    case "call":
    case "filter":
    case "test":
      return [...piece.args.positional, ...piece.args.named.map(([, value]) => value)];
    case "set":
      return piece.target.kind === "name" ? [] : [piece.value];
    default:
      return [];
  }
}

/** All pieces of a template, the outer ones first; `soft` behind a condition, where unknown names are told when reached. */
function collect(piece: unknown, soft: boolean, found: (readonly [Node, boolean])[]): void {
  if (typeof piece !== "object" || piece === null) return;
  let within = soft;
  if (isNode(piece)) {
    found.push([piece, soft]);
    within = piece.kind === "if" || piece.kind === "choice" ||
      (soft && !scopes.includes(piece.kind));
  }
  // Targets are no values, and whether they are names or several makes no difference here.
  for (const [key, inner] of Object.entries(piece)) {
    if (key !== "target") collect(inner, within, found);
  }
}

/** The names that are set to marked texts. */
function markedNames(pieces: readonly (readonly [Node, boolean])[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const [piece] of pieces) {
      if (piece.kind !== "set" || !isMarked(piece.value, names)) continue;
      for (const name of targets(piece.target)) names.add(name);
    }
  }
  return names;
}

/**
 * Checks the names of filters and tests, as jinja2 does before it renders: all but those behind an `if`.
 *
 * @param body a template
 * @throws TemplateError for a name that jinja2 does not know, and where a text marked by `safe` would escape others
 */
export function checkNames(body: readonly Statement[]): void {
  const pieces: (readonly [Node, boolean])[] = [];
  collect(body, false, pieces);
  const marked = markedNames(pieces);
  for (const [piece, soft] of pieces) {
    if ((piece.kind === "filter" || piece.kind === "test") && !soft) {
      if (!(piece.kind === "filter" ? filters : tests).has(piece.name)) {
        throw new TemplateError(`the ${piece.kind} ${piece.name}, which Jinja does not know`);
      }
    }
    if (unmarked(piece).some((inner) => isMarked(inner, marked))) {
      throw new TemplateError(
        "a text of the filter safe that is joined, looked into or handed on, which is not supported",
      );
    }
  }
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
