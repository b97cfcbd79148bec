/**
 * Which special tokens a tokenizer puts around a text that stands alone: the `post_processor` of a `tokenizer.json`.
 *
 * @module
 */

import * as z from "zod";
import { parseConfig, UsageError } from "../../runtime/mod.ts";
import { inMessage } from "../formats/text.ts";

/** Ids before and after a text. */
export interface SurroundingIds {
  /** Ids in front, such as the token that begins a text. */
  readonly before: readonly number[];
  /** Ids behind. */
  readonly after: readonly number[];
}

const none: SurroundingIds = { before: [], after: [] };

const pieceSchema = z.union([
  z.object({ SpecialToken: z.object({ id: z.string() }) }),
  z.object({ Sequence: z.object({ id: z.string() }) }),
]);

const templateSchema = z.looseObject({
  single: z.array(pieceSchema),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.int().nonnegative()) })),
});

const pairSchema = z.tuple([z.string(), z.int().nonnegative()]);
const bertSchema = z.looseObject({ cls: pairSchema, sep: pairSchema });
const sequenceSchema = z.looseObject({ processors: z.array(z.unknown()) });

/**
 * The ids that a post-processor puts around a single text.
 *
 * @param postProcessor what stands at `post_processor`; null and undefined put nothing
 * @param where the file's path, for messages
 * @throws UsageError when the post-processor is of an unknown kind or does not say its ids
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { surroundingIds, templateProcessor } from "./post_processor.ts";
 *
 * const processor = templateProcessor({ content: "<s>", id: 1 }, undefined);
 * assertEquals(surroundingIds(processor, "tokenizer.json"), { before: [1], after: [] });
 * ```
 */
export function surroundingIds(postProcessor: unknown, where: string): SurroundingIds {
  if (postProcessor === null || postProcessor === undefined) return none;
  const at = `post_processor of ${where}`;
  const { type } = parseConfig(z.looseObject({ type: z.string() }), postProcessor, at);
  switch (type) {
    case "ByteLevel":
      return none;
    case "Sequence": {
      const steps = parseConfig(sequenceSchema, postProcessor, at).processors
        .filter((step) => (step as { readonly type?: unknown } | null)?.type !== "ByteLevel");
      if (steps.length > 1) {
        throw new UsageError(
          `Expected processors to have at most one besides ByteLevel but found ${steps.length} in ${at}`,
        );
      }
      return surroundingIds(steps[0], where);
    }
    case "TemplateProcessing":
      return fromTemplate(parseConfig(templateSchema, postProcessor, at), at);
    case "BertProcessing":
    case "RobertaProcessing": {
      const { cls, sep } = parseConfig(bertSchema, postProcessor, at);
      return { before: [cls[1]], after: [sep[1]] };
    }
    default:
      throw new UsageError(
        `Expected type to be one of ByteLevel, Sequence, TemplateProcessing, BertProcessing, RobertaProcessing but found ${
          inMessage(type)
        } in ${at}`,
      );
  }
}

function fromTemplate(
  { single, special_tokens }: z.infer<typeof templateSchema>,
  at: string,
): SurroundingIds {
  const texts = single.flatMap((piece, i) => "Sequence" in piece ? [i] : []);
  const text = texts[0];
  if (text === undefined || texts.length > 1) {
    throw new UsageError(
      `Expected single to hold the text once but found it ${texts.length} times in ${at}`,
    );
  }
  const idsOf = (pieces: typeof single): number[] =>
    pieces.flatMap((piece) => {
      const name = "SpecialToken" in piece ? piece.SpecialToken.id : "";
      const known = Object.hasOwn(special_tokens, name) ? special_tokens[name] : undefined;
      if (known === undefined) {
        throw new UsageError(
          `Expected special_tokens to have ${inMessage(name)} but found none in ${at}`,
        );
      }
      return known.ids;
    });
  return { before: idsOf(single.slice(0, text)), after: idsOf(single.slice(text + 1)) };
}

/** A token by text and id. */
export interface NamedToken {
  /** How it is written. */
  readonly content: string;
  /** Its id. */
  readonly id: number;
}

/**
 * The post-processor that puts a token before a text, one after it, both or neither.
 *
 * @param before the token in front
 * @param after the token behind
 */
export function templateProcessor(
  before: NamedToken | undefined,
  after: NamedToken | undefined,
): unknown {
  const tokens = [before, after].filter((token) => token !== undefined);
  if (tokens.length === 0) return null;
  const special = (token: NamedToken | undefined, type_id: number): unknown[] =>
    token === undefined ? [] : [{ SpecialToken: { id: token.content, type_id } }];
  const text = (id: string, type_id: number): unknown[] => [
    ...special(before, type_id),
    { Sequence: { id, type_id } },
    ...special(after, type_id),
  ];
  return {
    type: "TemplateProcessing",
    single: text("A", 0),
    pair: [...text("A", 0), ...text("B", 1)],
    special_tokens: Object.fromEntries(
      tokens.map(({ content, id }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}
