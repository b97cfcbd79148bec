/** The transformer in double precision, one sequence and one number at a time: slow, and plainly what is meant. @module */

import type { Checkpoint } from "../../lib/model/mod.ts";

type Vector = number[];

/** Logits after each token of a sequence, `[tokens][vocabulary]`. */
export function naiveLogits({ config, weights }: Checkpoint, ids: readonly number[]): Vector[] {
  const { hiddenSize, heads, kvHeads, headDim, rmsNormEps, ropeTheta } = config;
  const weight = (name: string) => weights.get(name)!.data;
  /** W x with W `[out, in]`. */
  const linear = (name: string, x: Vector): Vector => {
    const w = weight(`${name}.weight`);
    const bias = weights.get(`${name}.bias`)?.data;
    return Array.from(
      { length: w.length / x.length },
      (_, o) => x.reduce((sum, v, i) => sum + w[o * x.length + i]! * v, bias?.[o] ?? 0),
    );
  };
  const norm = (name: string, x: Vector): Vector => {
    const root = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + rmsNormEps);
    return x.map((v, i) => v / root * weight(`${name}.weight`)[i]!);
  };
  const rotate = (x: Vector, position: number): Vector => {
    const half = headDim / 2;
    return x.map((v, i) => {
      const angle = position * ropeTheta ** (-2 * (i % half) / headDim);
      const other = i < half ? -x[i + half]! : x[i - half]!;
      return v * Math.cos(angle) + other * Math.sin(angle);
    });
  };
  const dot = (a: Vector, b: Vector) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  const add = (a: Vector, b: Vector) => a.map((v, i) => v + b[i]!);
  const softmax = (x: Vector): Vector => {
    const e = x.map((v) => Math.exp(v - Math.max(...x)));
    return e.map((v) => v / e.reduce((a, b) => a + b));
  };

  let stream = ids.map((id) =>
    Array.from(
      weight("model.embed_tokens.weight").subarray(id * hiddenSize, (id + 1) * hiddenSize),
    )
  );
  for (let l = 0; l < config.layers; l++) {
    const at = (name: string) => `model.layers.${l}.${name}`;
    const split = (kind: "q" | "k" | "v", x: Vector, position: number): Vector[] => {
      const joined = linear(at(`self_attn.${kind}_proj`), x);
      const count = kind === "q" ? heads : kvHeads;
      return Array.from({ length: count }, (_, h) => {
        let head = joined.slice(h * headDim, (h + 1) * headDim);
        if (kind !== "v" && weights.has(at(`self_attn.${kind}_norm.weight`))) {
          head = norm(at(`self_attn.${kind}_norm`), head);
        }
        return kind === "v" ? head : rotate(head, position);
      });
    };
    const normed = stream.map((x) => norm(at("input_layernorm"), x));
    const [q, k, v] = (["q", "k", "v"] as const).map((kind) =>
      normed.map((x, t) => split(kind, x, t))
    ) as [Vector[][], Vector[][], Vector[][]];
    stream = stream.map((x, t) => {
      const attended = q[t]!.flatMap((query, h) => {
        const shared = Math.floor(h / (heads / kvHeads));
        const p = softmax(
          Array.from({ length: t + 1 }, (_, s) => dot(query, k[s]![shared]!) / Math.sqrt(headDim)),
        );
        return query.map((_, i) => p.reduce((sum, w, s) => sum + w * v[s]![shared]![i]!, 0));
      });
      const y = add(x, linear(at("self_attn.o_proj"), attended));
      const h = norm(at("post_attention_layernorm"), y);
      const up = linear(at("mlp.up_proj"), h);
      const gated = linear(at("mlp.gate_proj"), h).map((g, i) => g / (1 + Math.exp(-g)) * up[i]!);
      return add(y, linear(at("mlp.down_proj"), gated));
    });
  }
  const head = config.tieWordEmbeddings ? "model.embed_tokens" : "lm_head";
  return stream.map((x) => linear(head, norm("model.norm", x)));
}

/** Log-probability of each completion token after the prompt. */
export function naiveLogProbs(
  checkpoint: Checkpoint,
  prompt: readonly number[],
  completion: readonly number[],
): number[] {
  const logits = naiveLogits(checkpoint, [...prompt, ...completion]);
  return completion.map((id, t) => {
    const row = logits[prompt.length - 1 + t]!;
    const most = Math.max(...row);
    return row[id]! - most - Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0));
  });
}
