import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  createTransformer,
  disposeTransformer,
  fullParameters,
  streamRows,
} from "../../lib/model/mod.ts";
import { randomStream, startBackend } from "../../lib/runtime/mod.ts";
import {
  type PackedBatch,
  packExamples,
  packingStrategies,
  type SftExample,
  sftGradient,
  sftLoss,
} from "../../lib/training/mod.ts";
import { relativeDifference } from "../../experiments/parity/comparison.ts";
import { busyAdapter, smallCheckpoint, smallConfig } from "../model/small_model.ts";

await startBackend();

const random = randomStream(3, "packing");
const ids = (length: number) => Array.from({ length }, () => 1 + random.integer(30));

/** Examples of many lengths whose prompts begin with the same tokens. */
function examplesWith(common: number, count: number): SftExample[] {
  const start = ids(common);
  return Array.from({ length: count }, () => ({
    prompt: [...start, ...ids(1 + random.integer(40))],
    completion: ids(1 + random.integer(30)),
  }));
}

const sum = (batches: readonly PackedBatch[], sizeOf: (batch: PackedBatch) => number) =>
  batches.reduce((n, batch) => n + sizeOf(batch), 0);
const targets = (batches: readonly { targets: Int32Array }[]) =>
  batches.flatMap((batch) => [...batch.targets]).toSorted((a, b) => a - b);

Deno.test("packing keeps the number of micro-batches and every completion token, and computes less", () => {
  for (const common of [0, 3, 20]) {
    const examples = examplesWith(common, 21);
    const plain = packExamples(examples, { size: 4 });
    const [prefix, length] = packingStrategies.map((strategy) =>
      packExamples(examples, { size: 4, strategy })
    ) as [typeof plain, typeof plain];
    for (const packed of [prefix, length]) {
      assertEquals(packed.length, plain.length);
      assertEquals(targets(packed), targets(plain));
    }
    const places = [length, plain].map((all) => sum(all, ({ ids }) => ids.length));
    assert(places[0]! < places[1]!, `${places}`);
    // In each micro-batch all examples but one go without the common tokens.
    const tokens = [prefix, plain].map((all) => sum(all, ({ tokens }) => tokens));
    assertEquals(tokens[1]! - tokens[0]!, common * (examples.length - plain.length));
    assert(sum(prefix, streamRows) <= 1.125 * tokens[0]! + 2 * prefix.length);
  }
});

Deno.test("like lengths go together: no other pairs of four examples take fewer places", () => {
  const places = (batches: readonly PackedBatch[]) => sum(batches, ({ ids }) => ids.length);
  let differ = 0;
  for (let i = 0; i < 40; i++) {
    const four = Array.from({ length: 4 }, () => ({
      prompt: ids(1 + random.integer(60)),
      completion: ids(1 + random.integer(60)),
    }));
    const pairings = [[0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 1, 2]].map((order) => {
      const all = order.map((k) => four[k]!);
      return places(
        [all.slice(0, 2), all.slice(2)].flatMap((two) => packExamples(two, { size: 2 })),
      );
    });
    const found = places(packExamples(four, { size: 2, strategy: "length" }));
    assertEquals(found, Math.min(...pairings));
    if (Math.max(...pairings) > found) differ++;
  }
  assert(differ > 20, `${differ}`);
});

Deno.test("loss and gradient are those of the examples apart, for an adapter and for all weights", () => {
  const model = createTransformer(smallCheckpoint(smallConfig("llama")));
  const examples = [
    ...examplesWith(6, 5),
    // A prompt that the others go on from, twice the same, and nothing to learn.
    { prompt: [7], completion: [3, 0] },
    { prompt: [7, 8], completion: [3, 0] },
    { prompt: [7, 8], completion: [] },
  ];
  for (const make of [busyAdapter, fullParameters]) {
    const trainable = make(model);
    const plain = sftGradient(model, trainable, examples, { size: 1 });
    for (const strategy of [undefined, ...packingStrategies]) {
      for (const size of [3, 8]) {
        const packed = sftGradient(model, trainable, examples, { size, strategy });
        assertAlmostEquals(packed.loss, plain.loss, 1e-5 * plain.loss);
        const [a, b] = [packed, plain].map(({ gradient }) => gradient.dataSync() as Float32Array);
        assert(relativeDifference(a!, b!) < 1e-5, `${strategy} ${size}`);
        assertAlmostEquals(
          sftLoss(model, trainable, examples, { size, strategy }),
          plain.loss,
          1e-5 * plain.loss,
        );
        packed.gradient.dispose();
      }
    }
    plain.gradient.dispose();
    trainable.values.dispose();
  }
  disposeTransformer(model);
});

Deno.test("packing is the same every time and serves one example as well as many", () => {
  const examples = examplesWith(2, 9);
  for (const strategy of packingStrategies) {
    assertEquals(
      packExamples(examples, { size: 4, strategy }),
      packExamples([...examples], { size: 4, strategy }),
    );
    assertEquals(packExamples(examples.slice(0, 1), { size: 4, strategy }).length, 1);
    assertEquals(packExamples([], { size: 4, strategy }), []);
  }
});
