import { assert, assertEquals } from "@std/assert";
import { isInstalled } from "../../lib/runtime/mod.ts";
import { run } from "./process.ts";

Deno.test({
  name: "large arrays that nothing uses any more go back to the system",
  ignore: Deno.build.os !== "linux" || !await isInstalled("cpu"),
  fn: async () => {
    const { code, out, err } = await run(`
      import { collectGarbage, startBackend } from "./lib/runtime/mod.ts";
      const resident = () => Number(/VmRSS:\\s*(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]) / 1024;
      await startBackend("native");
      const small = [];
      const before = resident();
      // The first arrays that are freed would teach glibc to keep those that follow, and small ones between would pin them.
      for (let round = 0; round < 3; round++) {
        let large = Array.from({ length: 20 }, () => {
          small.push(new Uint8Array(50_000).fill(1));
          return new Float32Array(2 ** 21).fill(1);
        });
        large = undefined;
        collectGarbage();
      }
      console.log(resident() - before);
    `);
    assertEquals([code, err], [0, ""]);
    // 20 arrays of 8 MB in a round; the small ones are 3 MB.
    assert(Number(out) < 60, out);
  },
});
