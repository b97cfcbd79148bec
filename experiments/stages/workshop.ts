/** What the stages of experiments share: data, knowledge graph, model and sentence encoder. @module */

import { type Knowledge, loadKnowledge } from "../../lib/knowledge/mod.ts";
import {
  createTransformer,
  loadCheckpoint,
  type ModelConfig,
  resolveEncoder,
  type Tokenizer,
  type Transformer,
} from "../../lib/model/mod.ts";
import {
  embedReferences,
  type Encoder,
  loadEncoder,
  referencePasses,
  rulesVersion,
} from "../../lib/reward/mod.ts";
import { hashJson, UsageError } from "../../lib/runtime/mod.ts";
import {
  capabilities,
  type Item,
  type Split,
  type SynthesisReport,
  synthesize,
} from "../../lib/synthesis/mod.ts";
import type { RunContext } from "../core/experiment.ts";
import type { SystemsConfig } from "./config.ts";

/** Raised when a stage computes something else from the same key, so that stored results are not mixed. */
export const STAGES_VERSION = 2;

/** Everything the stages share. */
export interface Workshop {
  readonly context: RunContext;
  readonly config: SystemsConfig;
  readonly knowledge: Knowledge;
  readonly items: readonly Item[];
  readonly synthesis: SynthesisReport;
  readonly itemsHash: string;
  readonly modelConfig: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly model: Transformer;
  /** Name of the model, for keys. */
  readonly source: unknown;
  readonly encoder: Encoder;
  /** Embeddings of the references, where many trainings share them; those of a batch are computed with it otherwise. */
  readonly references?: () => Promise<ReadonlyMap<string, Float32Array>>;
}

/** Makes the data and loads the models. */
export async function openWorkshop(context: RunContext, config: SystemsConfig): Promise<Workshop> {
  const loading = context.stage(`Loading ${config.model}`);
  const checkpoint = await loadCheckpoint(config.model, { seed: 0, onProgress: loading.update });
  const model = createTransformer(checkpoint);
  loading.finish();
  const knowledge = await loadKnowledge();
  const data = context.stage("Generating validated data");
  const made = await context.store.json(
    "items",
    { version: STAGES_VERSION, rules: rulesVersion, count: config.items, seed: 0 },
    () =>
      synthesize({
        knowledge,
        count: config.items,
        seed: 0,
        verify: (item) => referencePasses(item, knowledge),
        onProgress: data.update,
      }),
  );
  data.finish(`${made.value.items.length} items`);
  const encoding = context.stage("Loading the sentence encoder");
  const encoder = await loadEncoder(await resolveEncoder(encoding.update));
  encoding.finish();
  const workshop = {
    context,
    config,
    knowledge,
    items: made.value.items,
    synthesis: made.value.report,
    itemsHash: made.hash,
    modelConfig: checkpoint.config,
    tokenizer: checkpoint.tokenizer,
    model,
    source: { name: checkpoint.source.name, config: checkpoint.config },
    encoder,
  };
  return config.families === undefined ? workshop : await withFamilies(workshop, config.families);
}

/**
 * The workshop with the items of some families alone.
 *
 * @throws UsageError when there is no such family
 */
export async function withFamilies(
  workshop: Workshop,
  families: readonly string[],
): Promise<Workshop> {
  const known = [...new Set(workshop.items.map(({ family }) => family))];
  const unknown = families.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `Expected families out of ${known.join(", ")} but found ${JSON.stringify(unknown)}`,
    );
  }
  return {
    ...workshop,
    items: workshop.items.filter(({ family }) => families.includes(family)),
    itemsHash: await hashJson([workshop.itemsHash, families]),
  };
}

/** The workshop with the references' embeddings computed once, when they are first asked for. */
export function withReferences(workshop: Workshop): Workshop {
  const used = workshop.items.filter(({ split }) => split === "train").concat(
    itemsOf(workshop, "test", workshop.config.testItems),
  );
  let embedded: Promise<ReadonlyMap<string, Float32Array>> | undefined;
  return { ...workshop, references: () => embedded ??= embedReferences(workshop.encoder, used) };
}

/** Items of a split, at most `limit` of each capability. */
export function itemsOf({ items }: Workshop, split: Split, limit = Infinity): Item[] {
  return capabilities.flatMap((capability) =>
    items.filter((item) => item.split === split && item.capability === capability).slice(0, limit)
  );
}
