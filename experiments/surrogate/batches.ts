/** Batches on which forms of the surrogate are compared: of tabular policies, and of a language model. @module */

import { inner, rewardTable, sampleAnswer, softmaxPolicy } from "../../lib/balance/mod.ts";
import { average } from "../../lib/evaluation/mod.ts";
import {
  backwardEach,
  disposeTape,
  packGroups,
  type Policy,
  projections,
  recordBatch,
  type Trainable,
} from "../../lib/model/mod.ts";
import { randomStream, tf } from "../../lib/runtime/mod.ts";
import { capabilities } from "../../lib/synthesis/mod.ts";
import { breathe } from "../core/experiment.ts";
import type { SurrogateConfig } from "./config.ts";
import type { Outcomes } from "./findings.ts";
import {
  type PolicyView,
  type SurrogateBatch,
  surrogateOutcomes,
  type TokenRows,
} from "./forms.ts";
import { type TrainedSystem, trainingKey } from "../stages/train.ts";
import type { Workshop } from "../stages/workshop.ts";
import {
  type Adapted,
  type SampledPrompts,
  stepLength,
  withAdapter,
  withStep,
} from "../stages/gradient_samples.ts";

/** Sizes of the tabular problems. */
const TABULAR = { prompts: 6, answers: 6, rewards: capabilities.length, conflict: 0.9 } as const;
const COMPLETIONS = 8;
const LONGEST = 8;

/** Deviation of the logits' change between the policy that sampled and the later one. */
const LATER = 0.5;

/** Share of the prompts to which a reward does not apply. */
const ABSENT = 0.4;

/**
 * A batch of a tabular policy: every answer is a text of a length of its own whose tokens share its log-probability, and
 * each reward but the first is absent on some prompts.
 *
 * @param seed number of the batch
 * @returns the same batch for the same number
 */
export function tabularBatch(seed: number): SurrogateBatch {
  const random = randomStream(seed, "surrogate");
  const { prompts, answers, rewards: m } = TABULAR;
  const table = rewardTable({ ...TABULAR, seed });
  const logits = Float64Array.from({ length: prompts * answers }, () => random.normal());
  const lengths = Array.from(logits, () => 1 + random.integer(LONGEST));
  const applies = table.map((_, x) =>
    Array.from({ length: m }, (_, i) => i === 0 || x < 2 || random.next() >= ABSENT)
  );
  const policy = softmaxPolicy(table, logits);
  const drawn = table.flatMap((_, x) =>
    Array.from(
      { length: COMPLETIONS },
      () => x * answers + sampleAnswer(policy.subarray(x * answers, (x + 1) * answers), random),
    )
  );
  const view = (point: Float64Array): PolicyView => {
    const p = softmaxPolicy(table, point);
    return {
      logProbs: drawn.map((k) => new Float64Array(lengths[k]!).fill(Math.log(p[k]!) / lengths[k]!)),
      pullback: (lists) =>
        lists.map((rows) => {
          const gradient = new Float64Array(point.length);
          drawn.forEach((k, s) => {
            let sum = 0;
            for (let t = 0; t < lengths[k]!; t++) sum += rows[s]![t]! / lengths[k]!;
            const first = k - k % answers;
            gradient[k]! += sum;
            for (let a = first; a < first + answers; a++) gradient[a]! -= sum * p[a]!;
          });
          return gradient;
        }),
    };
  };
  return {
    rewards: table.map((rows, x) =>
      drawn.slice(x * COMPLETIONS, (x + 1) * COMPLETIONS).map((k) =>
        rows[k % answers]!.map((r, i) => applies[x]![i] ? r : null)
      )
    ),
    start: view(logits),
    later: view(logits.map((z) => z + LATER * random.normal())),
    maxCompletionLength: LONGEST,
  };
}

/** Mean movement of a token's log-probability in nats at the later policy: enough for ratios to be clipped. */
const MOVEMENT = 0.15;

/**
 * A batch on the model while `work` runs; its later policy is a step away that raises every second answer.
 *
 * @param adapted the model with its adapter
 * @param samples prompts with completions and rewards
 * @param maxCompletionLength longest completion in tokens, the constant normaliser
 * @param work what is done with the batch, whose tensors are freed afterwards
 * @returns what `work` returns
 */
export function withModelBatch<T>(
  adapted: Adapted,
  { prompts, completions, rewards }: Omit<SampledPrompts, "strata">,
  maxCompletionLength: number,
  work: (batch: SurrogateBatch) => T,
): T {
  const batch = packGroups(
    prompts.map((prompt, x) => ({ prompt, completions: completions[x]!.map(({ ids }) => ids) })),
  );
  const lengths = completions.flat().map(({ ids }) => ids.length);
  const record = (policy: Policy, trainable: Trainable) => {
    const { logProbs, tape } = recordBatch(policy, trainable, batch);
    let at = 0;
    const view: PolicyView = {
      logProbs: lengths.map((n) => Array.from({ length: n }, () => logProbs[at++]!)),
      pullback: (lists) => {
        const flat = lists.map((rows: TokenRows) =>
          Float32Array.from(rows.flatMap((row) => Array.from(row)))
        );
        const gradients = backwardEach(policy, trainable, tape, flat);
        const read = gradients.map((g) => g.dataSync() as Float32Array);
        tf.dispose(gradients);
        return read;
      },
    };
    return { view, tape };
  };
  const start = record(adapted.policy, adapted.trainable);
  const [ascent] = start.view.pullback([
    lengths.map((n, s) => new Float64Array(n).fill(s % 2 === 0 ? 1 : -1)),
  ]);
  const norm = Math.sqrt(inner(ascent!, ascent!));
  const direction = tf.tensor1d(Array.from(ascent!));
  const atStep = <R>(size: number, use: (later: PolicyView) => R): R =>
    withStep(adapted, direction, size / norm, (policy, trainable) => {
      const { view, tape } = record(policy, trainable);
      try {
        return use(view);
      } finally {
        disposeTape(tape);
      }
    });
  const movement = ({ logProbs }: PolicyView) =>
    average(
      logProbs.flatMap((row, s) =>
        Array.from(row, (x, t) => Math.abs(x - start.view.logProbs[s]![t]!))
      ),
    );
  try {
    const size = stepLength((tried) => atStep(tried, movement), MOVEMENT, 1e-2);
    return atStep(
      size,
      (later) => work({ rewards, start: start.view, later, maxCompletionLength }),
    );
  } finally {
    disposeTape(start.tape);
    direction.dispose();
  }
}

/**
 * What each form makes of batches of a language model, a fresh adapter on the fine-tuned one.
 *
 * @param workshop model, items and store
 * @param start the fine-tuned model
 * @param samples completions of it with their rewards
 * @param config rank of the adapter, number and size of the batches
 * @returns the outcome of each batch, and the seconds that it took
 */
export async function modelOutcomes(
  workshop: Workshop,
  start: TrainedSystem,
  samples: { readonly value: SampledPrompts; readonly hash: string },
  { rank, batches, batchPrompts }: Pick<SurrogateConfig, "rank" | "batches" | "batchPrompts">,
): Promise<{ value: Outcomes[]; seconds: number }> {
  const bar = workshop.context.stage("Surrogates of the model");
  const { maxCompletionLength } = workshop.config.grpo;
  const sizes = { rank, batches, batchPrompts };
  const key = { ...trainingKey(workshop), version: 2, samples: samples.hash, ...sizes };
  const stage = await workshop.context.store.json(
    "surrogate",
    key,
    () =>
      withAdapter(workshop, start, { r: rank, targetModules: projections }, async (adapted) => {
        const { prompts, completions, rewards } = samples.value;
        const found: Outcomes[] = [];
        const count = Math.min(batches, Math.floor(prompts.length / batchPrompts));
        for (let k = 0; k < count; k++) {
          bar.update(k, count);
          const cut = <X>(rows: readonly X[]) =>
            rows.slice(k * batchPrompts, (k + 1) * batchPrompts);
          found.push(
            withModelBatch(
              adapted,
              { prompts: cut(prompts), completions: cut(completions), rewards: cut(rewards) },
              maxCompletionLength,
              surrogateOutcomes,
            ),
          );
          await breathe();
        }
        return found;
      }),
  );
  bar.finish(stage.cached ? "from the store" : `${stage.value.length} batches`);
  return stage;
}
