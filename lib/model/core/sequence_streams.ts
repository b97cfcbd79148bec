/** A batch as two streams of rows: its prompts, and its completions. @module */

import { type Batch, type BatchShape, streamLayout, streamRows } from "./batch.ts";

/** The two streams of a batch. */
export interface Streams {
  /** The prompts alone. */
  readonly prompts: Batch;
  /** The completions alone. */
  readonly completions: Batch;
  /** The batch with one stream behind the other. */
  readonly joined: Batch;
}

/**
 * Cuts a batch in two.
 *
 * @param batch Prompts with completions.
 * @returns Both parts, and the batch with the rows of one behind those of the other.
 */
export function streamsOf(batch: Batch): Streams {
  const { groups: G, promptLength: P, completions: K, completionLength: C, ids, positions } = batch;
  const middle = G * P;
  const padding = batch.stream && batch.stream.places.length - 1;
  const holds = (place: number) => batch.stream?.rows[place] !== padding || padding === undefined;
  const part = (from: number, to: number, shape: Partial<BatchShape>): Batch => ({
    ...batch,
    ...shape,
    ids: ids.subarray(from, to),
    positions: positions.subarray(from, to),
    stream: streamLayout(Array.from({ length: to - from }, (_, k) => holds(from + k))),
  });
  const prompts = part(0, middle, { completions: 0, completionLength: 0 });
  const completions = part(middle, middle + G * K * C, {});
  const placesOf = ({ stream, ids }: Batch) => stream?.places ?? ids.map((_, place) => place);
  const rowsOf = ({ stream, ids }: Batch) => stream?.rows ?? ids.map((_, place) => place);
  const behind = streamRows(prompts);
  const join = (a: Int32Array, b: Int32Array, offset: number) =>
    Int32Array.from([...a, ...b.map((x) => x + offset)]);
  return {
    prompts,
    completions,
    joined: {
      ...batch,
      stream: {
        places: join(placesOf(prompts), placesOf(completions), middle),
        rows: join(rowsOf(prompts), rowsOf(completions), behind),
      },
    },
  };
}
