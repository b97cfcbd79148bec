import { assert, assertEquals } from "@std/assert";
import { loadKnowledge } from "../../lib/knowledge/mod.ts";
import { judgeRows, readRows, table } from "./labelled_claims.ts";

const knowledge = await loadKnowledge();
const folder = new URL("./fixtures/claims/", import.meta.url);
const sets = ["dev", "test-1", "test-2", "test-3", "test-4", "test-5"];

Deno.test("labelled claims: nine of ten correct ones accepted and errors refused, of each kind most; nothing claimed where nothing is", async () => {
  for (const name of sets) {
    const rows = readRows(await Deno.readTextFile(new URL(`${name}.tsv`, folder)));
    const judged = judgeRows(knowledge, rows);
    for (const expected of ["accept", "refuse", "none"]) {
      const own = judged.filter(({ row }) => row.expected === expected);
      const right = own.filter((one) => one.right).length;
      assert(own.length >= 5 && right >= 0.9 * own.length, `${name}\n${table(judged)}`);
    }
    const believed = judged.filter(({ row, outcome }) =>
      row.expected === "refuse" && outcome === "accepted"
    );
    assertEquals(believed.map(({ row }) => row.text), []);
  }
});
