import type { RandomStream } from "../../lib/runtime/mod.ts";

/** Values that readers do not expect, for any place of a JSON document. */
const strangeValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  3,
  1e9,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e300,
  "",
  "\n",
  "a\nb",
  "\u0000",
  "__proto__",
  "x".repeat(3000),
  [],
  [[]],
  [0],
  [-1],
  {},
  { type: "a\nb" },
  { "a\nb": [{ "": null }] },
];

/** Integers that lengths, counts, offsets and shapes are replaced with. */
const strangeIntegers: readonly bigint[] = [
  0n,
  1n,
  7n,
  31n,
  255n,
  65_535n,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** A copy of `file` with bytes changed, cut out, doubled or cut off, or an integer replaced. */
export function mutateBytes(
  file: Uint8Array,
  random: RandomStream,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(file);
  const view = new DataView(copy.buffer);
  const at = random.integer(file.length);
  const other = random.integer(file.length);
  switch (random.integer(8)) {
    case 0:
      return copy.slice(0, at);
    case 1: { // A stretch is lost (other > at) or comes twice.
      const joined = new Uint8Array(at + file.length - other);
      joined.set(copy.subarray(0, at));
      joined.set(copy.subarray(other), at);
      return joined;
    }
    case 2: { // Whatever stands there, usually at a multiple of 4 bytes after some text.
      if (at + 8 <= file.length) {
        view.setBigUint64(at, random.pick(strangeIntegers), true);
      }
      return copy;
    }
    case 3: { // A length, count or dimension: an integer whose upper bytes are 0.
      for (let i = at; i + 8 <= file.length; i++) {
        if (view.getBigUint64(i, true) < 4096n) {
          view.setBigUint64(i, random.pick(strangeIntegers), true);
          break;
        }
      }
      return copy;
    }
    case 4: {
      if (at + 4 <= file.length) {
        view.setUint32(at, Number(random.pick(strangeIntegers) & 0xffffffffn), true);
      }
      return copy;
    }
    case 5:
      copy[at] = random.pick([0, 9, 10, 13, 34, 92, 127, 128, 255]);
      return copy;
    default:
      for (let n = random.integer(4); n >= 0; n--) {
        copy[random.integer(file.length)] = random.integer(256);
      }
      return copy;
  }
}

/** A copy of a JSON value with one place changed, removed, renamed or added. */
export function mutateJson(value: unknown, random: RandomStream): unknown {
  const copy = structuredClone(value);
  // deno-lint-ignore no-explicit-any -- walks a document of any form
  const places: { holder: any; key: string | number }[] = [];
  const collect = (holder: unknown): void => {
    if (typeof holder !== "object" || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      collect((holder as Record<string, unknown>)[key]);
    }
  };
  collect(copy);
  if (places.length === 0) return random.pick(strangeValues);
  const { holder, key } = random.pick(places);
  const strange = structuredClone(random.pick(strangeValues));
  switch (random.integer(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      if (Array.isArray(holder)) holder.push(strange);
      else holder[random.pick(["", "a\nb", "extra", "type", "name"])] = strange;
      break;
    case 2: {
      const from = random.pick(places);
      holder[key] = structuredClone(from.holder[from.key]);
      break;
    }
    case 3:
      if (typeof holder[key] === "number") {
        holder[key] = Number(random.pick(strangeIntegers)) * random.pick([1, -1, 1.5]);
      } else holder[key] = strange;
      break;
    default:
      holder[key] = strange;
  }
  return copy;
}

/** JSON text of a changed value, sometimes with its characters changed as well. */
export function mutateJsonText(value: unknown, random: RandomStream): string {
  const kind = random.integer(10);
  if (kind === 0) return "[".repeat(1 + random.integer(20_000));
  const text = JSON.stringify(mutateJson(value, random), null, random.pick([0, 1]));
  if (kind > 2 || text === undefined) return text ?? "";
  const bytes = mutateBytes(new TextEncoder().encode(`${text} `), random);
  return new TextDecoder().decode(bytes);
}
