import { assertEquals } from "@std/assert";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { encodeSavedModel, type Graph } from "../../lib/runtime/saved_model.ts";

/** Every kind of tensor and attribute, with negative, large and absent values and texts beyond ASCII. */
const graph: Graph = {
  inputs: [
    { name: "x", dtype: "float32", shape: [2, 300] },
    { name: "i", dtype: "int32", shape: [] },
  ],
  constants: [{
    name: "c",
    dtype: "int64",
    shape: [2],
    bytes: new Uint8Array(BigInt64Array.of(1n, -1n).buffer),
  }],
  nodes: [{
    name: "n",
    op: "Some",
    inputs: ["x", "c:1"],
    attributes: {
      T: { kind: "type", value: 1 },
      axis: { kind: "int", value: -1 },
      big: { kind: "int", value: 2 ** 40 },
      epsilon: { kind: "float", value: 1e-5 },
      keep: { kind: "bool", value: true },
      off: { kind: "bool", value: false },
      format: { kind: "string", value: "NHWC é" },
      shape: { kind: "shape", value: [-1, 300] },
      strides: { kind: "list", value: [{ kind: "int", value: 1 }, { kind: "int", value: 128 }] },
      none: { kind: "list", value: [] },
      zero: { kind: "int", value: 0 },
    },
  }],
  outputs: [{ name: "y", dtype: "bool", shape: [7], source: "n:0" }],
};

/** Its bytes, field by field as in the .proto files: a change here changes what TensorFlow loads. */
const golden = [
  "08011288040a0722057365727665128e030a330a0178120b506c616365686f6c6465722a0b0a05647479706512023001",
  "2a140a057368617065120b3a0912020802120308ac020a2a0a0169120b506c616365686f6c6465722a0b0a0564747970",
  "65120230032a0b0a05736861706512023a000a3e0a01631205436f6e73742a0b0a056474797065120230092a250a0576",
  "616c7565121c421a080912041202080222100100000000000000ffffffffffffffff0ac8010a016e1204536f6d651a01",
  "781a03633a312a070a0154120230012a130a0461786973120b18ffffffffffffffffff012a0e0a036269671207188080",
  "808080202a100a07657073696c6f6e120525acc527372a0a0a046b656570120228012a090a036f6666120228002a130a",
  "06666f726d6174120912074e48574320c3a92a1d0a05736861706512143a12120b08ffffffffffffffffff01120308ac",
  "022a120a077374726964657312070a0518011880012a0a0a046e6f6e6512020a002a0a0a047a65726f120218000a1b0a",
  "017912084964656e746974791a036e3a302a070a01541202300a220308e8072a6c0a0f73657276696e675f6465666175",
  "6c7412590a170a017812120a03783a3010011a0912020802120308ac020a0e0a016912090a03693a3010031a0012120a",
  "0179120d0a03793a30100a1a04120208071a1a74656e736f72666c6f772f73657276696e672f70726564696374",
].join("");

Deno.test("saved models: the bytes stay what they were", () => {
  assertEquals(encodeSavedModel(graph).toHex(), golden);
});

/** The fields of a message by number, those that are messages or texts as bytes. */
function fields(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const value = type === WireType.LengthDelimited ? reader.bytes() : reader.skip(type);
    found.set(number, [...found.get(number) ?? [], value]);
  }
  return found;
}

Deno.test("saved models: long constants and many operations are read back whole", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
  const constants = [{ name: "c", dtype: "float32", shape: [17_500], bytes }] as const;
  const nodes = Array.from({ length: 300 }, (_, i) => ({ ...graph.nodes[0]!, name: `n${i}` }));
  const meta = fields(encodeSavedModel({ ...graph, constants, nodes })).get(2)![0]!;
  const found = fields(fields(meta).get(2)![0]!).get(1)!.map(fields);
  const names = found.map((node) => new TextDecoder().decode(node.get(1)![0]));
  assertEquals(names, ["x", "i", "c", ...nodes.map(({ name }) => name), "y"]);
  const value = found[2]!.get(5)!.map(fields).find((entry) =>
    new TextDecoder().decode(entry.get(1)![0]) === "value"
  )!;
  const tensor = fields(fields(value.get(2)![0]!).get(8)![0]!);
  assertEquals(tensor.get(4)![0], bytes);
});
