import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { testUnits } from "../../experiments/commands/test/units.ts";

Deno.test("a folder is tested folder by folder, unless it has tests of its own", async () => {
  const folder = await Deno.makeTempDir();
  for (const path of ["b/x_test.ts", "b/more/y_test.ts", "a/z_test.ts", "helper.ts"]) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, path), "");
  }
  const inside = (...names: string[]) => names.map((name) => join(folder, name));
  assertEquals(await testUnits([folder]), inside("a", "b"));
  assertEquals(await testUnits(inside("b", "a/z_test.ts")), inside("b", "a/z_test.ts"));
  assertEquals(await testUnits(inside("missing")), inside("missing"));
  await Deno.remove(folder, { recursive: true });
});
