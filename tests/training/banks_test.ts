import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  createAdapter,
  createTransformer,
  currentPolicy,
  disposePolicy,
  disposeTransformer,
  fullParameters,
  packGroups,
  projections,
  scoreBatch,
  type Trainable,
  type Transformer,
  withValues,
} from "../../lib/model/mod.ts";
import { randomStream, startBackend, tf, UsageError } from "../../lib/runtime/mod.ts";
import {
  type BankOptions,
  bankRanks,
  capabilityBanks,
  inputBases,
  type LoraTrainable,
  orthogonalityPenalty,
  parameterName,
  removeInputs,
  sftGradient,
} from "../../lib/training/mod.ts";
import {
  busyAdapter,
  letterTokenizer,
  normals,
  smallCheckpoint,
  smallConfig,
} from "../model/small_model.ts";

await startBackend();

/** Wide enough for states of another capability to leave room. */
const config = smallConfig("llama", {
  hiddenSize: 64,
  intermediateSize: 96,
  headDim: 16,
  layers: 2,
});

const examples = [["ache rest", "cut plaster"], ["a cough tea", "fever drink"]].map((texts) =>
  texts.map((text) => {
    const at = text.lastIndexOf(" ") + 1;
    const completion = [...letterTokenizer.encode(text.slice(at)), 0];
    return { prompt: letterTokenizer.encode(text.slice(0, at)), completion };
  })
);
const batches = examples.map((part) =>
  packGroups(part.map(({ prompt, completion }) => ({ prompt, completions: [completion] })))
);

const read = (t: tf.Tensor) => t.dataSync() as Float32Array;
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
const inside = (mask: Float32Array, g: Float32Array) => g.map((x, k) => x * mask[k]!);

/** A fresh adapter of rank 4 on every projection: B is zero. */
function freshAdapter(model: Transformer): LoraTrainable {
  const lora = { r: 4, loraAlpha: 8, targetModules: projections, useRslora: false };
  return { kind: "lora", ...createAdapter(model.config, lora, randomStream(1, "banks")) };
}

/**
 * The largest first-order effect of a bank's update on the other capability, `|<P_i g_j, P_i g_i>|`, relative to the norms of
 * `P_i g_i` and `g_j`.
 */
function crossEffect(model: Transformer, trainable: Trainable, options?: BankOptions): number {
  const gradients = examples.map((part) => {
    const { gradient } = sftGradient(model, trainable, part, { size: 2 });
    const values = read(gradient);
    gradient.dispose();
    return values;
  });
  const masks = options === undefined
    ? gradients.map((g) => g.map(() => 1))
    : capabilityBanks(trainable, 2, options).map((mask) => {
      const values = read(mask);
      mask.dispose();
      return values;
    });
  return Math.max(...[0, 1].map((i) => {
    const [own, other] = [gradients[i]!, gradients[1 - i]!];
    const moved = inside(masks[i]!, own);
    assert(dot(moved, moved) > 0, "the bank learns");
    return Math.abs(dot(inside(masks[i]!, other), moved)) /
      Math.sqrt(dot(moved, moved) * dot(other, other));
  }));
}

/** The adapter whose banks read nothing of each other's states. */
function withInputsRemoved(model: Transformer, trainable: LoraTrainable): LoraTrainable {
  const policy = currentPolicy(model, trainable);
  let separated = trainable;
  bankRanks(trainable.config.r, 2).forEach((ranks, i) => {
    const bases = inputBases(policy, trainable, [batches[1 - i]!]);
    const { values, kept } = removeInputs(separated, ranks, bases);
    assert(kept > 0.05 && kept < 0.95, `${kept}`);
    if (separated !== trainable) separated.values.dispose();
    separated = { ...trainable, values };
  });
  disposePolicy(policy, trainable);
  return separated;
}

Deno.test("only banks with a frozen A and the inputs removed leave the other capability alone (theorem 3)", () => {
  const model = createTransformer(smallCheckpoint(config));
  const trainable = freshAdapter(model);
  const before = tf.memory().numTensors;
  assert(crossEffect(model, trainable) > 1e-3, "shared");
  assert(crossEffect(model, trainable, {}) > 1e-3, "disjoint");
  assert(crossEffect(model, trainable, { freezeA: true }) > 1e-3, "disjoint, A frozen");

  // O-LoRA at its end: the columns of different banks are orthogonal.
  const penalty = orthogonalityPenalty(trainable, 2, 1);
  let values = tf.clone(trainable.values);
  const start = penalty(values);
  start.gradient.dispose();
  for (let step = 0; step < 400; step++) {
    const { gradient } = penalty(values);
    const next = tf.tidy(() => tf.sub(values, tf.mul(gradient, 0.1))) as tf.Tensor1D;
    tf.dispose([gradient, values]);
    values = next;
  }
  const end = penalty(values);
  end.gradient.dispose();
  assert(end.loss < 1e-6 * start.loss, `${start.loss} to ${end.loss}`);
  assert(crossEffect(model, withValues(trainable, values), {}) > 1e-3, "O-LoRA");
  values.dispose();

  const separated = withInputsRemoved(model, trainable);
  assert(crossEffect(model, separated, { freezeA: true }) <= 1e-6, "frozen, inputs removed");
  // While B is not 0, the gradient of A reads what A does not.
  const busy = tf.tidy(() => {
    const b = capabilityBanks(trainable, 1, { freezeA: true })[0]!;
    return tf.add(separated.values, tf.mul(b, 0.1)) as tf.Tensor1D;
  });
  assert(crossEffect(model, withValues(trainable, busy), {}) > 1e-4, "A is trained");
  tf.dispose([busy, separated.values]);
  assertEquals(tf.memory().numTensors, before);
  trainable.values.dispose();
  disposeTransformer(model);
});

Deno.test("with the inputs removed, a bank of any size changes its own capability and not the other", () => {
  const model = createTransformer(smallCheckpoint(config));
  const trainable = freshAdapter(model);
  const separated = withInputsRemoved(model, trainable);
  const scores = (values: tf.Tensor1D) => {
    const moved = withValues(trainable, values);
    const policy = currentPolicy(model, moved);
    const found = batches.map((batch) => scoreBatch(policy, batch));
    disposePolicy(policy, moved);
    return found;
  };
  const still = scores(separated.values);
  const masks = capabilityBanks(trainable, 2, { freezeA: true });
  for (const i of [0, 1]) {
    const values = tf.tidy(() => {
      const change = tf.mul(masks[i]!, tf.tensor1d(normals(trainable.values.size, "B", i)));
      return tf.add(separated.values, change);
    }) as tf.Tensor1D;
    const moved = scores(values);
    const change = (j: number) => Math.max(...moved[j]!.map((x, k) => Math.abs(x - still[j]![k]!)));
    assert(change(i) > 0.1, `${change(i)}`);
    assert(change(1 - i) < 1e-4, `${change(1 - i)}`);
    values.dispose();
  }
  tf.dispose([...masks, separated.values, trainable.values]);
  disposeTransformer(model);
});

Deno.test("banks hold the columns of A and the rows of B of their ranks, each parameter once", () => {
  assertEquals(bankRanks(16, 4), [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((k) => 4 * i + k)));
  assertEquals(bankRanks(5, 2).flat().sort(), [0, 1, 2, 3, 4]);
  assertEquals(bankRanks(3, 3), [[0], [1], [2]]);
  assertThrows(
    () => bankRanks(4, 4, 1),
    UsageError,
    "Expected a rank of at least 5 for 4 banks and 1 shared ranks but found 4",
  );
  const small = smallConfig("llama");
  const model = createTransformer(smallCheckpoint(small));
  const trainable = busyAdapter(model); // rank 3
  const read2 = (options?: BankOptions) =>
    capabilityBanks(trainable, 2, options).map((mask) => {
      const values = read(mask);
      mask.dispose();
      return values;
    });
  const plain = read2();
  plain[0]!.forEach((x, k) => assertEquals(x + plain[1]![k]!, 1));
  // Two of three ranks in the first bank, in every tensor.
  const share = (mask: Float32Array, name: string) => {
    let [inBank, all] = [0, 0];
    mask.forEach((x, k) => {
      if (parameterName(small, trainable, k) !== name) return;
      all++;
      inBank += x;
    });
    return inBank / all;
  };
  for (const name of ["layers.0.k_proj.lora_A", "layers.1.up_proj.lora_B"]) {
    assertAlmostEquals(share(plain[0]!, name), 2 / 3, 1e-9);
  }
  const shared = read2({ shared: 1 });
  assertAlmostEquals(share(shared[1]!, "layers.1.q_proj.lora_A"), 2 / 3, 1e-9);
  const frozen = read2({ freezeA: true });
  assertEquals(share(frozen[0]!, "layers.0.v_proj.lora_A"), 0);
  assertAlmostEquals(share(frozen[1]!, "layers.0.v_proj.lora_B"), 1 / 3, 1e-9);
  const full = fullParameters(model);
  assertThrows(() => capabilityBanks(full, 2), UsageError, "Expected an adapter");
  tf.dispose([full.values, trainable.values]);
  disposeTransformer(model);
});

Deno.test("the orthogonality penalty is the sum of squared products of columns, and its gradient is its slope", () => {
  const small = smallConfig("llama");
  const model = createTransformer(smallCheckpoint(small));
  const trainable = busyAdapter(model) as LoraTrainable;
  const { config: { r }, segments, layerSize } = trainable;
  const values = read(trainable.values);
  const weight = 0.3;
  for (const shared of [0, 1]) {
    let expected = 0;
    // Ranks 0, 1 and 2; in two banks they are 01 | 2, and with the last one shared 0 | 1.
    const pairs = shared === 0 ? [[0, 2], [1, 2]] : [[0, 1]];
    for (let l = 0; l < 2; l++) {
      for (const { factor, modules, shape: [height, columns], offset } of segments) {
        if (factor === "B") continue;
        modules.forEach((_, n) => {
          for (const [a, b] of pairs) {
            let product = 0;
            for (let i = 0; i < height; i++) {
              const row = l * layerSize + offset + i * columns + n * r;
              product += values[row + a!]! * values[row + b!]!;
            }
            expected += weight * product ** 2;
          }
        });
      }
    }
    const penalty = orthogonalityPenalty(trainable, 2, weight, shared);
    const { loss, gradient } = penalty(trainable.values);
    assertAlmostEquals(loss / expected, 1, 1e-5);
    const direction = normals(values.length, "direction");
    const at = (step: number) => {
      const moved = tf.tensor1d(values.map((x, k) => x + step * direction[k]!));
      const found = penalty(moved);
      tf.dispose([moved, found.gradient]);
      return found.loss;
    };
    const slope = (at(1e-2) - at(-1e-2)) / 2e-2;
    assertAlmostEquals(dot(read(gradient), direction) / slope, 1, 1e-2);
    gradient.dispose();
  }
  trainable.values.dispose();
  disposeTransformer(model);
});

Deno.test("a basis holds the states to the tolerance, and states that fill the space leave nothing", () => {
  const small = smallConfig("llama", { layers: 1 });
  const model = createTransformer(smallCheckpoint(small));
  const trainable = busyAdapter(model) as LoraTrainable;
  const policy = currentPolicy(model, trainable);
  const exact = inputBases(policy, trainable, [batches[0]!]);
  const rough = inputBases(policy, trainable, [batches[0]!], 0.7);
  for (const group of ["qkv", "output", "gateUp", "down"] as const) {
    const basis = exact[0]![group]!;
    assert(rough[0]![group]!.length < basis.length);
    basis.forEach((u, i) =>
      basis.slice(0, i + 1).forEach((v, j) =>
        assertAlmostEquals(u.reduce((sum, x, k) => sum + x * v[k]!, 0), i === j ? 1 : 0, 1e-12)
      )
    );
  }
  // The first layer's attention reads the embeddings of twelve letters, the rest of it more states than the stream is wide.
  assertEquals([exact[0]!.qkv!.length, exact[0]!.gateUp!.length], [12, 16]);
  const bases = exact.map(({ gateUp }) => ({ gateUp: gateUp! }));
  const { values, kept } = removeInputs(trainable, [0], bases);
  assert(kept < 1);
  const data = read(values);
  const { offset, shape: [height, columns] } = trainable.segments.find(({ group }) =>
    group === "gateUp"
  )!;
  for (let i = 0; i < height; i++) {
    assertAlmostEquals(data[offset + i * columns]!, 0, 1e-6);
    assertEquals(data[offset + i * columns + 1], read(trainable.values)[offset + i * columns + 1]);
  }
  values.dispose();
  disposePolicy(policy, trainable);
  trainable.values.dispose();
  disposeTransformer(model);
});
