import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { parseConfig, UsageError } from "../../lib/runtime/mod.ts";

const schema = z.strictObject({
  model: z.object({
    size: z.int().positive().default(4),
    name: z.enum(["tiny", "small"]).default("tiny"),
    rates: z.array(z.number().min(0).max(1)).min(1).optional(),
  }).prefault({}),
  label: z.string().min(2).optional(),
  flag: z.boolean().optional(),
});

Deno.test("defaults are filled in", () => {
  assertEquals(parseConfig(schema, {}, "x.json"), { model: { size: 4, name: "tiny" } });
});

const faults: readonly [value: unknown, message: string][] = [
  [{ "a\nb": 1 }, 'Expected only known keys but found "a\\nb" in x.json'],
  [
    { model: { size: -1 } },
    "Expected model.size to be an integer greater than 0 but found -1 in x.json",
  ],
  [{ model: { size: 1.5 } }, "Expected model.size to be an integer but found 1.5 in x.json"],
  [{ model: { size: "4" } }, 'Expected model.size to be an integer but found "4" in x.json'],
  [
    { model: { name: "huge" } },
    'Expected model.name to be one of tiny, small but found "huge" in x.json',
  ],
  [
    { model: { rates: [0, 2] } },
    "Expected model.rates.1 to be a number at most 1 but found 2 in x.json",
  ],
  [
    { model: { rates: [] } },
    "Expected model.rates to be a list of at least 1 entries but found [] in x.json",
  ],
  [
    { label: "a" },
    'Expected label to be a string of at least 2 characters but found "a" in x.json',
  ],
  [{ flag: 1 }, "Expected flag to be true or false but found 1 in x.json"],
  [{ sise: 1 }, "Expected only known keys but found sise in x.json"],
  [[], "Expected the value to be an object but found [] in x.json"],
];
for (const [value, message] of faults) {
  Deno.test(`a fault in ${JSON.stringify(value)} is told in one line`, () => {
    assertEquals(
      assertThrows(() => parseConfig(schema, value, "x.json"), UsageError).message,
      message,
    );
  });
}
