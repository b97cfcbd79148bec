import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { cacheFolder, dataFolder, WorkbenchError } from "../../lib/runtime/mod.ts";

Deno.test("the cache folder follows the variables in order", () => {
  const names = ["BALANCEDBIO_CACHE", "XDG_CACHE_HOME", "HOME", "USERPROFILE"];
  const old = names.map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const name of names) Deno.env.delete(name);
    assertThrows(() => cacheFolder(), WorkbenchError, "to name a cache folder but found none set");
    Deno.env.set("HOME", "/home/x");
    assertEquals(cacheFolder(), join("/home/x", ".cache", "balancedbio"));
    Deno.env.set("XDG_CACHE_HOME", "not/absolute");
    assertEquals(cacheFolder(), join("/home/x", ".cache", "balancedbio"));
    Deno.env.set("XDG_CACHE_HOME", "/xdg");
    assertEquals(cacheFolder(), join("/xdg", "balancedbio"));
    Deno.env.set("BALANCEDBIO_CACHE", "/own");
    assertEquals(cacheFolder(), "/own");
  } finally {
    for (const [name, value] of old) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});

Deno.test("the project's data is beside its lib", () => {
  assertEquals(dataFolder(), join(import.meta.dirname!, "..", "..", "data"));
});
