/** What the stages of experiments share: data, knowledge graph, model and sentence encoder. @module */

import {
  type Clinical,
  type Knowledge,
  loadClinical,
  loadKnowledge,
} from "../../lib/knowledge/mod.ts";
import { resolveEncoder, type Tokenizer, type Transformer } from "../../lib/model/mod.ts";
import { type Encoder, loadEncoder, referencePasses } from "../../lib/reward/mod.ts";
import { heldOut, openModel } from "../../lib/runs/mod.ts";
import { hashJson, UsageError } from "../../lib/runtime/mod.ts";
import {
  capabilities,
  type Item,
  readVignettes,
  type SynthesisReport,
  synthesize,
  vignetteItems,
} from "../../lib/synthesis/mod.ts";
import type { RunContext } from "../core/experiment.ts";
import type { SupervisedConfig, SystemsConfig } from "./config.ts";
import { itemsKey, type StageInputs, stageInputs } from "./keys.ts";

/** Everything the stages share. */
export interface Workshop<Config extends SupervisedConfig = SystemsConfig> {
  readonly context: RunContext;
  readonly config: Config;
  readonly knowledge: Knowledge;
  /** The curated tables, joined with the graph. */
  readonly clinical: Clinical;
  readonly items: readonly Item[];
  readonly synthesis: SynthesisReport;
  readonly itemsHash: string;
  readonly tokenizer: Tokenizer;
  readonly model: Transformer;
  /** Hashes of what the stages read. */
  readonly inputs: StageInputs;
  readonly encoder: Encoder;
}

/** Makes the data and loads the models. */
export async function openWorkshop<Config extends SupervisedConfig>(
  context: RunContext,
  config: Config,
): Promise<Workshop<Config>> {
  const inputs = await stageInputs(context.backend, config.model);
  const { model, tokenizer } = await openModel(config.model, context.stage);
  const knowledge = await loadKnowledge(undefined, (line) => console.error(`warning: ${line}`));
  const clinical = await loadClinical(knowledge);
  const written = await vignetteItems(clinical, await readVignettes());
  const data = context.stage("Generating validated data");
  const made = await context.store.json(
    "items",
    itemsKey(inputs, config),
    () =>
      synthesize({
        clinical,
        written,
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
    clinical,
    items: made.value.items,
    synthesis: made.value.report,
    itemsHash: made.hash,
    inputs,
    tokenizer,
    model,
    encoder,
  };
  return config.families === undefined ? workshop : await withFamilies(workshop, config.families);
}

/**
 * The workshop with the items of some families alone.
 *
 * @throws UsageError when there is no such family
 */
export async function withFamilies<Config extends SupervisedConfig>(
  workshop: Workshop<Config>,
  families: readonly string[],
): Promise<Workshop<Config>> {
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

/** Items that systems are trained on. */
export function trainingItems({ items }: Pick<Workshop, "items">): Item[] {
  return capabilities.flatMap((capability) =>
    items.filter((item) => item.split === "train" && item.capability === capability)
  );
}

/** Items that systems are measured on. */
export function testItems({ items, config }: Pick<Workshop, "items" | "config">): Item[] {
  return heldOut(items, config.testItems);
}
