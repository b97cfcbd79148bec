import { assert } from "@std/assert";
import { join } from "@std/path";
import { readAdapter, writeAdapter } from "../../lib/model/checkpoint/adapter_files.ts";
import { readCheckpoint } from "../../lib/model/checkpoint/checkpoint.ts";
import { writeCheckpoint } from "../../lib/model/checkpoint/checkpoint_write.ts";
import { readGgufHeader, readGgufTensor } from "../../lib/model/formats/gguf.ts";
import { bytesOf } from "../../lib/model/formats/byte_source.ts";
import { numberFormats } from "../../lib/model/formats/quantization.ts";
import { encodeSafetensors, readSafetensors } from "../../lib/model/formats/safetensors.ts";
import {
  type RandomStream,
  randomStream,
  UsageError,
  WorkbenchError,
} from "../../lib/runtime/mod.ts";
import { buildGguf, inTemporaryFolder, readJson, tinyGguf } from "./fixtures.ts";
import { mutateBytes, mutateJsonText } from "./mutate.ts";

/** Mutations of each format; `BALANCEDBIO_FUZZ=10000` asks for more. */
const count = Number(Deno.env.get("BALANCEDBIO_FUZZ") ?? 500);

/** Bytes that typed arrays made while `work` ran, given as a length, have taken. */
async function allocated(work: () => unknown): Promise<number> {
  let bytes = 0;
  const names = ["Uint8Array", "Float32Array", "Float64Array", "Int32Array"] as const;
  const originals = names.map((name) => globalThis[name]);
  const replace = (made: readonly unknown[]): void =>
    names.forEach((name, i) =>
      Object.defineProperty(globalThis, name, {
        value: made[i],
        writable: true,
        configurable: true,
        enumerable: false,
      })
    );
  replace(originals.map((original) =>
    new Proxy(original, {
      construct(target, args, newTarget) {
        if (typeof args[0] === "number") bytes += args[0] * target.BYTES_PER_ELEMENT;
        return Reflect.construct(target, args, newTarget);
      },
    })
  ));
  try {
    await work();
  } finally {
    replace(originals);
  }
  return bytes;
}

/** Reads `count` mutants: each is read, or refused in one line, in little memory. */
async function fuzz(
  name: string,
  read: (random: RandomStream) => { size: number; read: () => unknown },
): Promise<void> {
  let refused = 0;
  // The table of half-precision values is made once.
  numberFormats.F16.decode(new Uint8Array(2), new Float32Array(1));
  for (let i = 0; i < count; i++) {
    const mutant = read(randomStream(20_261, "fuzz", name, i));
    const which = `mutant ${i} of ${name}`;
    const bytes = await allocated(async () => {
      try {
        await mutant.read();
      } catch (error) {
        assert(
          error instanceof WorkbenchError || error instanceof UsageError,
          `${which}: ${(error as Error).stack}`,
        );
        assert(!/[\r\n]/.test(error.message), `${which}: ${error.message}`);
        assert(error.message.length < 1000, `${which}: ${error.message.slice(0, 200)}`);
        refused++;
      }
    });
    assert(bytes <= 12 * mutant.size + 4096, `${which}: ${bytes} bytes for ${mutant.size}`);
  }
  assert(refused > count / 5 && refused < count, `${refused} of ${count} refused`);
}

/** Reads what a checkpoint promises after it was opened, too. */
async function readAll(path: string): Promise<void> {
  const { tokenizer } = await readCheckpoint(path);
  tokenizer.decode(tokenizer.encode("ab ba<end> é"));
}

Deno.test("fuzz: GGUF models", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "x.gguf");
    const good = (["llama", "qwen2", "qwen3"] as const).map((name) => tinyGguf({}, name));
    await fuzz("GGUF models", (random) => {
      const bytes = mutateBytes(random.pick(good), random);
      Deno.writeFileSync(path, bytes);
      return { size: bytes.length, read: () => readAll(path) };
    });
  });
});

Deno.test("fuzz: GGUF tensors of every type", async () => {
  const numbers = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 30, 10, 11, 20, 23, 39];
  const formats = [
    "F32",
    "F16",
    "Q4_0",
    "Q4_1",
    "Q5_0",
    "Q5_1",
    "Q8_0",
    "Q4_K",
    "Q5_K",
    "Q6_K",
    "BF16",
    "Q2_K",
    "Q3_K",
    "IQ4_NL",
    "IQ4_XS",
    "MXFP4",
  ] as const;
  const good = buildGguf(
    { "general.alignment": { type: "u32", value: 32 } },
    numbers.map((type, i) => ({
      name: `t${i}`,
      dims: [256],
      type,
      bytes: new Uint8Array(
        256 / numberFormats[formats[i]!].blockValues * numberFormats[formats[i]!].blockBytes,
      ).fill(i),
    })),
  );
  await fuzz("GGUF tensors", (random) => {
    const header = random.integer(3) > 0;
    const bytes = header
      ? new Uint8Array([...mutateBytes(good.subarray(0, 600), random), ...good.subarray(600)])
      : mutateBytes(good, random);
    const source = bytesOf(bytes, "x.gguf");
    return {
      size: bytes.length,
      read: () => readGgufHeader(source).tensors.values().forEach((t) => readGgufTensor(source, t)),
    };
  });
});

/** A safetensors file from a header's text and its data. */
function container(header: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

Deno.test("fuzz: safetensors", async () => {
  const types = { F32: 4, F64: 8, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 };
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  for (const [dtype, size] of Object.entries(types)) {
    header[`a.${dtype}`] = { dtype, shape: [2, 3], data_offsets: [end, end += 6 * size] };
  }
  const data = new Uint8Array(end);
  const good = container(JSON.stringify(header), data);
  await fuzz("safetensors", (random) => {
    const bytes = random.integer(2) === 0
      ? mutateBytes(good, random)
      : container(mutateJsonText(header, random), data);
    return { size: bytes.length, read: () => readSafetensors(bytes) };
  });
});

Deno.test("fuzz: model folders", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeFile(join(folder, "a.gguf"), tinyGguf());
    const model = await readCheckpoint(join(folder, "a.gguf"));
    const path = join(folder, "m");
    await writeCheckpoint(path, model);
    await Deno.remove(join(path, "model.safetensors"));
    const weights = encodeSafetensors(model.weights);
    const index = {
      metadata: { total_size: weights.length },
      weight_map: Object.fromEntries(
        [...model.weights.keys()].map((name) => [name, "w.safetensors"]),
      ),
    };
    await Deno.writeFile(join(path, "w.safetensors"), weights);
    const files = [
      "config.json",
      "generation_config.json",
      "tokenizer.json",
      "tokenizer_config.json",
      "model.safetensors.index.json",
    ];
    await Deno.writeTextFile(join(path, files[4]!), JSON.stringify(index));
    const good = new Map(files.map((file) => [file, readJson(join(path, file))]));
    let changed = files[0]!;
    const restore = (): void =>
      Deno.writeTextFileSync(join(path, changed), JSON.stringify(good.get(changed)));
    await fuzz("folders", (random) => {
      restore();
      changed = random.pick([...files, "tokenizer.json"]);
      const text = mutateJsonText(good.get(changed), random);
      Deno.writeTextFileSync(join(path, changed), text);
      return { size: weights.length + 8192 + text.length, read: () => readAll(path) };
    });
  });
});

Deno.test("fuzz: adapter folders", async () => {
  await inTemporaryFolder(async (folder) => {
    const factor = (...shape: number[]) => ({
      shape,
      data: new Float32Array(shape[0]! * shape[1]!),
    });
    const name = "model.layers.0.self_attn.q_proj.lora";
    await writeAdapter(folder, {
      config: { r: 2, loraAlpha: 4, useRslora: false, targetModules: ["q_proj"] },
      tensors: new Map([[`${name}_A.weight`, factor(2, 8)], [`${name}_B.weight`, factor(8, 2)]]),
    });
    const [json, weights] = ["adapter_config.json", "adapter_model.safetensors"].map((file) =>
      join(folder, file)
    ) as [string, string];
    const [config, good] = [readJson(json), Deno.readFileSync(weights)];
    await fuzz("adapters", (random) => {
      const inConfig = random.integer(2) === 0;
      const text = inConfig ? mutateJsonText(config, random) : JSON.stringify(config);
      Deno.writeTextFileSync(json, text);
      Deno.writeFileSync(weights, inConfig ? good : mutateBytes(good, random));
      return { size: good.length + text.length, read: () => readAdapter(folder) };
    });
  });
});
