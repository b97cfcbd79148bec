/** Models of two layers and width 16 with random weights, made in memory. @module */

import {
  type Architecture,
  type Checkpoint,
  createAdapter,
  type FloatTensor,
  type ModelConfig,
  projections,
  type PromptGroup,
  type Tokenizer,
  type Trainable,
  type Transformer,
  weightShapes,
} from "../../lib/model/mod.ts";
import { randomStream, tf } from "../../lib/runtime/mod.ts";

/** A token for the end, one for each letter, a few for letters that go together, and the space. */
const pieces = ["<end>", ..."abcdefghijklmnopqrstuvwxyz", "th", "he", "the", " t", " "];

/** Encodes letters and spaces, the longest piece first. */
export const letterTokenizer: Tokenizer = {
  vocabSize: pieces.length,
  definition: {} as Tokenizer["definition"],
  chatTemplate:
    "{% for m in messages %}{{ m.role }} {{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}bot {% endif %}",
  eosId: 0,
  eosIds: [0],
  padId: 0,
  encode: (text) => {
    const ids: number[] = [];
    for (let at = 0; at < text.length;) {
      const piece = pieces.filter((p) => text.startsWith(p, at))
        .reduce((a, b) => b.length > a.length ? b : a);
      ids.push(pieces.indexOf(piece));
      at += piece.length;
    }
    return ids;
  },
  decode: (ids, options) =>
    ids.map((id) => id === 0 && options?.skipSpecial ? "" : pieces[id] ?? "").join(""),
  tokenBytes: (id) => new TextEncoder().encode(pieces[id] ?? ""),
  isSpecial: (id) => id === 0,
};

/** Sizes of a small model: the two key heads serve four query heads, and heads are wider than the stream divided. */
export function smallConfig(
  architecture: Architecture,
  changes: Partial<ModelConfig> = {},
): ModelConfig {
  return {
    architecture,
    vocabSize: letterTokenizer.vocabSize,
    hiddenSize: 16,
    intermediateSize: 24,
    layers: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 6,
    ropeTheta: 100,
    rmsNormEps: 1e-5,
    tieWordEmbeddings: architecture !== "qwen2",
    maxPositions: 128,
    attentionBias: architecture === "qwen2",
    eosIds: [0],
    ...changes,
  };
}

/** A small model; no weight is so special that a fault in its use could hide. */
export function smallCheckpoint(config: ModelConfig, seed = 0): Checkpoint {
  const weights = new Map<string, FloatTensor>();
  for (const [name, shape] of weightShapes(config)) {
    const stream = randomStream(seed, "small", name);
    const norm = name.endsWith("norm.weight");
    const data = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => (norm ? 1 : 0) + 0.3 * stream.normal(),
    );
    weights.set(name, { shape, data });
  }
  return {
    config,
    weights,
    tokenizer: letterTokenizer,
    source: { path: "", format: "random", name: architectureName(config) },
  };
}

const architectureName = ({ architecture }: ModelConfig): string => `small ${architecture}`;

/** Groups with prompts and completions of different lengths, an empty completion among them. */
export const unevenGroups: readonly PromptGroup[] = [
  { prompt: [5, 9, 3, 30], completions: [[7, 8, 1], [2], [4, 4, 6, 11, 0]] },
  { prompt: [12, 1, 1, 25, 19, 27, 2], completions: [[13, 0], []] },
  { prompt: [21], completions: [[22, 23, 24, 0], [3, 0], [14]] },
];

/** Each completion with its prompt as a group of its own. */
export function oneByOne(groups: readonly PromptGroup[]): PromptGroup[] {
  return groups.flatMap(({ prompt, completions }) =>
    completions.map((completion) => ({ prompt, completions: [completion] }))
  );
}

/** `count` numbers from a normal distribution. */
export function normals(count: number, ...names: (string | number)[]): Float32Array {
  const stream = randomStream(7, ...names);
  return Float32Array.from({ length: count }, () => stream.normal());
}

/** An adapter on every projection whose updates are not zero. */
export function busyAdapter(model: Transformer): Trainable {
  const adapter = createAdapter(model.config, {
    r: 3,
    loraAlpha: 5,
    targetModules: projections,
    useRslora: false,
  }, randomStream(1, "adapter"));
  const values = tf.tidy(() =>
    tf.add(adapter.values, tf.mul(0.2, tf.tensor1d(normals(adapter.values.size, "busy"))))
  ) as tf.Tensor1D;
  adapter.values.dispose();
  return { kind: "lora", ...adapter, values };
}

const texts = ["ache rest", "fever drink", "cough tea", "rash cream", "burn water", "cut plaster"];

/** Prompts with completions to learn, as ids of {@linkcode letterTokenizer}. */
export const smallExamples = texts.map((text) => {
  const [prompt, completion] = text.split(" ") as [string, string];
  return {
    prompt: letterTokenizer.encode(`${prompt} `),
    completion: [...letterTokenizer.encode(completion), 0],
  };
});
