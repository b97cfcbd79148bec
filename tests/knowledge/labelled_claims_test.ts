import { assert, assertEquals } from "@std/assert";
import { judgeRows, labelledSets, ofModel, ofOthers, table } from "./labelled_claims.ts";

const { knowledge, sets } = await labelledSets();

/** The share of rows of a set that must be right. */
function leastOf(name: string, expected: "accept" | "refuse" | "none"): number {
  if (ofModel.includes(name)) return { accept: 0.8, refuse: 0.7, none: 0.5 }[expected];
  return ofOthers.includes(name) ? 0.7 : 0.9;
}

Deno.test("labelled claims: nine of ten correct ones accepted and errors refused, of others' and of a small model's seven of ten; nothing claimed where nothing is", () => {
  for (const { name, rows, options } of sets) {
    const judged = judgeRows(knowledge, rows, options);
    for (const expected of ["accept", "refuse", "none"] as const) {
      const own = judged.filter(({ row }) => row.expected === expected);
      const right = own.filter((one) => one.right).length;
      const isThere = own.length >= 5 || (ofOthers.includes(name) && expected === "none");
      assert(isThere && right >= leastOf(name, expected) * own.length, `${name}\n${table(judged)}`);
    }
    const believed = judged.filter(({ row, outcome }) =>
      row.expected === "refuse" && outcome === "accepted"
    );
    if (!ofOthers.includes(name) && !ofModel.includes(name)) {
      assertEquals(believed.map(({ row }) => row.text), []);
    }
  }
});
