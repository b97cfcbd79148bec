/** Options of supervised fine-tuning. @module */

import { z } from "zod";
import { loopSchema } from "./loop_config.ts";
import { packingStrategies } from "./packing.ts";

/** Options of supervised fine-tuning; names are TRL's, in camel case, where TRL has them. */
export const sftSchema = loopSchema.extend({
  perDeviceTrainBatchSize: z.int().min(1).max(10_000).default(16).describe("Examples in a step"),
  microBatchSize: z.int().min(1).max(10_000).default(8).describe(
    "Examples computed at a time; changes memory, not results",
  ),
  packing: z.boolean().default(false).describe(
    "Arrange examples so that little is computed twice or in vain; changes time, not results",
  ),
  packingStrategy: z.enum(packingStrategies).default("prefix").describe(
    "length: like lengths together; prefix: the prompts' common beginning once, too",
  ),
  evalSteps: z.int().min(0).default(0).describe(
    "Steps between losses on the validation examples, the last step among them; 0 for never",
  ),
});
