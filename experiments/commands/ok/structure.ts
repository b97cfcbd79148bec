/**
 * Faults of the structure: circles of files, imports against the order of the folders, production code that reads tests,
 * and exports that nothing but tests reads.
 *
 * @module
 */

import type { ImportedName, Module } from "./modules.ts";

/** Folders of lib in the order in which data flows: a folder imports only from those before it. */
const libraryOrder = [
  "std",
  "runtime",
  "knowledge",
  "synthesis",
  "model",
  "reward",
  "balance",
  "training",
  "laboratory",
  "evaluation",
  "figures",
  "runs",
] as const;

/** Folders of lib/knowledge, from sources to texts, by the same rule; files beside them read all and are read by all. */
const knowledgeOrder = ["ontology", "graph", "clinical", "text", "answers", "judges", "facts"];

/** Folders of experiments that are not an experiment, with those of them that each may import. */
const sharedFolders: Readonly<Record<string, readonly string[]>> = {
  core: [],
  report: ["core"],
  bench: ["core"],
  parity: ["core"],
  stages: ["core"],
  exact: ["core", "stages"],
  laboratory: ["core", "stages", "exact"],
  compare: ["core", "stages", "report"],
};

/** What an experiment's folder may import besides itself and lib. */
const experimentMayImport = ["core", "bench", "stages", "exact", "laboratory"];

/** A file of lib is reached from outside its folder through this one. */
const door = (folder: string): string => `lib/${folder}/mod.ts`;

/** The folder below `lib` or `experiments`; an empty text for a file that lies there itself. */
function folderOf(path: string): string {
  const parts = path.split("/");
  return parts.length > 2 ? parts[1]! : "";
}

const isTest = (path: string): boolean => path.startsWith("tests/");

/** Files that a module reads, each once. */
function filesReadBy({ imports, handsOn, handsOnAll }: Module): string[] {
  const names: readonly ImportedName[] = [...imports, ...handsOn.values()];
  return [...new Set([...names.map(({ from }) => from), ...handsOnAll])];
}

/**
 * Circles of files: groups in which every file reaches every other over imports, types included.
 *
 * @returns the paths of each group, by name
 */
export function circles(modules: readonly Module[]): string[][] {
  const edges = new Map(modules.map((module) => [module.path, filesReadBy(module)]));
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  // Tarjan's strongly connected components (1972).
  const visit = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.get(path)!);
    stack.push(path);
    for (const next of edges.get(path)!) {
      if (!edges.has(next)) continue;
      if (!order.has(next)) {
        visit(next);
        low.set(path, Math.min(low.get(path)!, low.get(next)!));
      } else if (stack.includes(next)) {
        low.set(path, Math.min(low.get(path)!, order.get(next)!));
      }
    }
    if (low.get(path) !== order.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1) found.push(group.sort());
  };
  for (const { path } of modules) if (!order.has(path)) visit(path);
  return found.sort();
}

/** Why a file may not read another, undefined when it may. */
function forbidden(path: string, other: string): string | undefined {
  if (isTest(path)) return undefined;
  if (isTest(other)) return "production code reads no tests";
  const [folder, otherFolder] = [folderOf(path), folderOf(other)];
  if (path.startsWith("lib/")) {
    if (!other.startsWith("lib/")) {
      return other.endsWith(".json") ? undefined : "lib reads lib alone";
    }
    if (folder === otherFolder) {
      const rank = (name: string) => knowledgeOrder.indexOf(name.split("/")[2]!);
      const against = folder === "knowledge" && rank(path) >= 0 && rank(other) > rank(path);
      return against ? "knowledge's folders read those before them" : undefined;
    }
    const rank = (name: string) => libraryOrder.findIndex((entry) => entry === name);
    if (rank(otherFolder) > rank(folder)) return "lib's folders read those before them";
    return other === door(otherFolder) ? undefined : `${otherFolder} is read through its mod.ts`;
  }
  if (other.startsWith("lib/")) {
    return other === door(otherFolder) ? undefined : `${otherFolder} is read through its mod.ts`;
  }
  // Commands and the files beside them read everything.
  if (folder === otherFolder || folder === "" || folder === "commands") return undefined;
  if (otherFolder === "") {
    return other.endsWith(".json") ? undefined : "folders read no file above them";
  }
  const allowed = sharedFolders[folder] ?? experimentMayImport;
  return allowed.includes(otherFolder) ? undefined : `${folder} may not read ${otherFolder}`;
}

/** Imports against the order of folders, a line each. */
export function wrongImports(modules: readonly Module[]): string[] {
  return modules.flatMap((module) =>
    filesReadBy(module).flatMap((other) => {
      const reason = forbidden(module.path, other);
      return reason === undefined ? [] : [`${module.path} reads ${other}: ${reason}`];
    })
  );
}

/** Where a name comes from that a file exports or hands on. */
function origin(
  modules: ReadonlyMap<string, Module>,
  { from, name }: ImportedName,
): ImportedName | undefined {
  const module = modules.get(from);
  if (module === undefined) return undefined;
  if (module.exports.includes(name)) return { from, name };
  const handed = module.handsOn.get(name);
  if (handed !== undefined) return origin(modules, handed);
  for (const other of module.handsOnAll) {
    const found = origin(modules, { from: other, name });
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Values that are exported and that only tests read. The doors to the standard library are left out: they hold no code.
 *
 * @param modules production code and tests
 * @param readers further text that counts as a reader, such as notebooks and the examples of the documentation
 * @returns `path: name` of each
 */
export function unreadExports(modules: readonly Module[], readers: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const read = new Set<string>();
  for (const module of [...modules.filter(({ path }) => !isTest(path)), ...readers]) {
    for (const taken of module.imports) {
      if (taken.name === "*") {
        for (const name of byPath.get(taken.from)?.exports ?? []) {
          read.add(`${taken.from}: ${name}`);
        }
        continue;
      }
      const found = origin(byPath, taken);
      if (found !== undefined) read.add(`${found.from}: ${found.name}`);
    }
  }
  return modules.filter(({ path }) => !isTest(path) && !path.startsWith("lib/std/"))
    .flatMap(({ path, exports, ownReads }) =>
      exports.filter((name) => !ownReads.has(name) && !read.has(`${path}: ${name}`))
        .map((name) => `${path}: ${name}`)
    );
}
