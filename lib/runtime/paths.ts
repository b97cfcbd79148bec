/**
 * Where the project keeps things: its data and the user's cache.
 *
 * @module
 */
import { fromFileUrl, isAbsolute, join, resolve } from "@std/path";
import { WorkbenchError } from "./errors.ts";

/**
 * The folder for what can be fetched or made again: `BALANCEDBIO_CACHE`, else `balancedbio` in the
 * XDG cache folder, else `~/.cache/balancedbio`. It need not exist yet.
 *
 * @throws {WorkbenchError} when neither variable nor a home folder is set
 */
export function cacheFolder(): string {
  const own = Deno.env.get("BALANCEDBIO_CACHE");
  if (own) return resolve(own);
  const xdg = Deno.env.get("XDG_CACHE_HOME");
  if (xdg && isAbsolute(xdg)) return join(xdg, "balancedbio");
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  if (home) return join(home, ".cache", "balancedbio");
  throw new WorkbenchError(
    "Expected HOME, XDG_CACHE_HOME or BALANCEDBIO_CACHE to name a cache folder but found none set",
  );
}

/** The project's root folder. */
export function projectFolder(): string {
  return fromFileUrl(new URL("../..", import.meta.url));
}

/** The project's `data/` folder. */
export function dataFolder(): string {
  return join(projectFolder(), "data");
}
