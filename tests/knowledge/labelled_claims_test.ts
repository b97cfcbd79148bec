import { assert, assertEquals } from "@std/assert";
import { judgeRows, labelledSets, ofOthers, table } from "./labelled_claims.ts";

const { knowledge, sets } = await labelledSets();

Deno.test("labelled claims: nine of ten correct ones accepted and errors refused, of others' three of four; nothing claimed where nothing is", () => {
  for (const { name, rows, options } of sets) {
    const judged = judgeRows(knowledge, rows, options);
    for (const expected of ["accept", "refuse", "none"]) {
      const own = judged.filter(({ row }) => row.expected === expected);
      const right = own.filter((one) => one.right).length;
      const isThere = own.length >= 5 || (ofOthers.includes(name) && expected === "none");
      const share = ofOthers.includes(name) ? 0.75 : 0.9;
      assert(isThere && right >= share * own.length, `${name}\n${table(judged)}`);
    }
    const believed = judged.filter(({ row, outcome }) =>
      row.expected === "refuse" && outcome === "accepted"
    );
    if (!ofOthers.includes(name)) assertEquals(believed.map(({ row }) => row.text), []);
  }
});
