/** What a file of the project imports and exports, read from its syntax. @module */

import { join } from "@std/path";
import ts from "typescript";
import { codeCells, parseNotebook } from "../notebooks/notebook.ts";

/** One name that a file takes from another. */
export interface ImportedName {
  /** Path of the other file, from the project's root. */
  readonly from: string;
  /** Its name there; `*` for all of them. */
  readonly name: string;
}

/** A file with what it takes and what it gives. */
export interface Module {
  /** From the project's root, with `/`. */
  readonly path: string;
  /** Names from files of the project, in order; those that it hands on are among them. */
  readonly imports: readonly ImportedName[];
  /** Values that it exports by name; types are not among them. */
  readonly exports: readonly string[];
  /** Those of its exports that it reads itself. */
  readonly ownReads: ReadonlySet<string>;
  /** Names that it hands on from other files, by the name under which it does. */
  readonly handsOn: ReadonlyMap<string, ImportedName>;
  /** Files whose exports it hands on whole. */
  readonly handsOnAll: readonly string[];
}

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Names of the values that a statement declares. */
function declaredNames(node: ts.Statement): string[] {
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isEnumDeclaration(node)) {
    return node.name === undefined ? [] : [node.name.text];
  }
  if (!ts.isVariableStatement(node)) return [];
  return node.declarationList.declarations.flatMap(({ name }) =>
    ts.isIdentifier(name)
      ? [name.text]
      : name.elements.flatMap((element) =>
        ts.isBindingElement(element) && ts.isIdentifier(element.name) ? [element.name.text] : []
      )
  );
}

/** Names that an import takes; a file that is imported for its effect gives none. */
function namesOf(clause: ts.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings;
  const named = bindings === undefined
    ? []
    : ts.isNamespaceImport(bindings)
    ? ["*"]
    : bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
  return clause?.name === undefined ? named : ["default", ...named];
}

/** Those of the names that a file mentions besides declaring them. */
function mentioned(source: ts.SourceFile, names: readonly string[]): Set<string> {
  const counts = new Map<string, number>(names.map((name) => [name, 0]));
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && counts.has(node.text)) {
      counts.set(node.text, counts.get(node.text)! + 1);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return new Set(names.filter((name) => counts.get(name)! > 1));
}

/** Texts in calls of `import()`, anywhere in a file. */
function dynamicImports(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [first] = node.arguments;
      if (first !== undefined && ts.isStringLiteral(first)) found.push(first.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * What a file imports and exports.
 *
 * @param path the file's path from the project's root
 * @param text its content
 * @returns imports of files of the project alone: packages are left out
 */
export function parseModule(path: string, text: string): Module {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const imports: ImportedName[] = [];
  const exports: string[] = [];
  const handsOn = new Map<string, ImportedName>();
  const handsOnAll: string[] = [];
  const target = (specifier: ts.Expression | string): string | undefined => {
    const written = typeof specifier === "string"
      ? specifier
      : (specifier as ts.StringLiteral).text;
    return written.startsWith(".") ? join(path, "..", written) : undefined;
  };
  const take = (from: string | undefined, names: readonly string[]) => {
    if (from === undefined) return;
    imports.push(...names.map((name) => ({ from, name })));
  };
  for (const node of source.statements) {
    if (ts.isImportDeclaration(node)) {
      const names = namesOf(node.importClause);
      take(target(node.moduleSpecifier), names.length === 0 ? ["default"] : names);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      const from = target(node.moduleSpecifier);
      if (from === undefined) continue;
      if (node.exportClause === undefined || !ts.isNamedExports(node.exportClause)) {
        handsOnAll.push(from);
        continue;
      }
      for (const { name, propertyName } of node.exportClause.elements) {
        handsOn.set(name.text, { from, name: (propertyName ?? name).text });
      }
    } else if (isExported(node)) {
      exports.push(...declaredNames(node));
    }
  }
  for (const written of dynamicImports(source)) take(target(written), ["*"]);
  const ownReads = mentioned(source, exports);
  return { path, imports, exports, ownReads, handsOn, handsOnAll };
}

/**
 * Files below a folder that end in `.ts`.
 *
 * @param root the project's folder
 * @param folder a folder inside it
 * @returns paths from the project's root, by name
 */
export async function typescriptFiles(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await typescriptFiles(root, path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found.sort();
}

/**
 * Reads all files of folders.
 *
 * @param root the project's folder
 * @param folders folders inside it
 * @returns a module for each `.ts` file, by path
 */
export async function readModules(root: string, folders: readonly string[]): Promise<Module[]> {
  const modules: Module[] = [];
  for (const folder of folders) {
    for (const path of await typescriptFiles(root, folder)) {
      modules.push(parseModule(path, await Deno.readTextFile(join(root, path))));
    }
  }
  return modules;
}

/**
 * The code of the notebooks, as modules that read the project.
 *
 * @param root the project's folder
 * @returns a module for each notebook
 */
export async function notebookModules(root: string): Promise<Module[]> {
  const modules: Module[] = [];
  for await (const { name } of Deno.readDir(join(root, "notebooks"))) {
    if (!name.endsWith(".ipynb")) continue;
    const path = `notebooks/${name}`;
    const notebook = parseNotebook(await Deno.readTextFile(join(root, path)), path);
    const code = codeCells(notebook).map(({ source }) => source).join("\n");
    modules.push(parseModule(path, code));
  }
  return modules;
}
