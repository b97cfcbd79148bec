/** How the project's tasks are started as processes. @module */

import project from "../../deno.json" with { type: "json" };

/** Name of a task. */
export type Task = keyof typeof project.tasks;

/**
 * Program and arguments of a task, with the permissions that it has in deno.json; it runs in the project's folder.
 *
 * @param name the task's name
 * @param args arguments of the command
 */
export function commandLine(name: Task, args: readonly string[]): string[] {
  const words = project.tasks[name].command.split(" ");
  const [run, ...rest] = words.slice(words.indexOf("deno") + 1);
  return [Deno.execPath(), run!, "--no-check", ...rest, ...args];
}
