import { assert, assertEquals } from "@std/assert";
import { judgeRows, labelledSets, table } from "./labelled_claims.ts";

const { knowledge, sets } = await labelledSets();

Deno.test("labelled claims: nine of ten correct ones accepted and errors refused, of each kind most; nothing claimed where nothing is", () => {
  for (const { name, rows, options } of sets) {
    const judged = judgeRows(knowledge, rows, options);
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
