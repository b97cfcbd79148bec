/** What differs in what was run. @module */

import type { Cell, Row } from "../../lib/figures/mod.ts";
import { isObject } from "../../lib/runtime/mod.ts";
import { dotted } from "../../lib/runs/mod.ts";
import type { StoredResult } from "./read.ts";

/** What can differ: what was asked for, what computed it, and where. */
export type SettingKind = "option" | "backend" | "machine";

/** Something that differs in what was run. */
export interface SettingDifference {
  readonly kind: SettingKind;
  /** Dotted name of an option, or of a part of the backend or machine. */
  readonly name: string;
  /** In the first result; null where it has no such thing. */
  readonly a: Cell;
  /** In the second one. */
  readonly b: Cell;
}

/** Everything that is known of what ran, by kind. */
function settingsOf({ results, options }: StoredResult): Record<SettingKind, Row> {
  const { version, preset, seeds, machine, backend } = results;
  const { workbench: _, ...versions } = backend.versions;
  return {
    option: { version, preset, seeds: seeds.join(","), ...options },
    backend: dotted({ name: backend.name, note: backend.note, ...versions }, "backend"),
    machine: dotted(machine, "machine"),
  };
}

/**
 * What differs in what was run, but for date and seconds.
 *
 * @param a one result
 * @param b the other
 * @returns options first, then the backend, then the machine
 */
export function settingDifferences(a: StoredResult, b: StoredResult): SettingDifference[] {
  const [first, second] = [settingsOf(a), settingsOf(b)];
  return (["option", "backend", "machine"] as const).flatMap((kind) => {
    const [one, other] = [first[kind], second[kind]];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((name) => {
      const [a, b] = [one[name] ?? null, other[name] ?? null];
      return a === b ? [] : [{ kind, name, a, b }];
    });
  });
}

/** Keys of findings that hold times or memory, which do not repeat. */
const ofMachine = /^(seconds|step_time|(peak|loaded)Mb)$/;

/**
 * Places at which two values of JSON differ, by dotted path; those of times and memory are passed over.
 *
 * @param a one value
 * @param b the other
 * @param path where they stand
 * @returns the paths, in the order in which they stand
 */
export function differingPlaces(a: unknown, b: unknown, path = ""): string[] {
  const inside = (key: string | number) => path === "" ? `${key}` : `${path}.${key}`;
  if (Array.isArray(a) && Array.isArray(b)) {
    return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i)
      .flatMap((i) => differingPlaces(a[i], b[i], inside(i)));
  }
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((key) => !ofMachine.test(key))
      .flatMap((key) => differingPlaces(a[key], b[key], inside(key)));
  }
  return a === b || (a === undefined && b === undefined) ? [] : [path];
}
