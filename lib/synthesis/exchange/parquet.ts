/** Tables as Parquet files. */
import type { SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Columns, ColumnType, Row } from "./rows.ts";

/** A column's part of Parquet's schema, itself before its children; lists have three levels, as the format asks for. */
function elementsOf(name: string, type: ColumnType): SchemaElement[] {
  const repetition_type = "OPTIONAL";
  if (type === "string") {
    return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type }];
  }
  if (type === "int64") return [{ name, type: "INT64", repetition_type }];
  if ("list" in type) {
    return [
      { name, converted_type: "LIST", num_children: 1, repetition_type },
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      ...elementsOf("element", type.list),
    ];
  }
  const children = Object.entries(type.struct);
  return [
    { name, num_children: children.length, repetition_type },
    ...children.flatMap(([child, childType]) => elementsOf(child, childType)),
  ];
}

/** A value as the writer takes it: integers of 64 bits are bigints. */
function stored(value: unknown, type: ColumnType): unknown {
  if (value === null || type === "string") return value;
  if (type === "int64") return BigInt(value as number);
  if ("list" in type) return (value as readonly unknown[]).map((entry) => stored(entry, type.list));
  const entries = Object.entries(type.struct);
  return Object.fromEntries(
    entries.map(([name, child]) => [name, stored((value as Row)[name], child)]),
  );
}

/**
 * Rows as a Parquet file, compressed with Snappy; the same rows give the same bytes.
 *
 * @param columns The columns in order.
 * @param rows The rows; each has a value, perhaps null, for every column.
 * @returns The file's bytes.
 */
export function parquetBytes(columns: Columns, rows: readonly Row[]): Uint8Array {
  const names = Object.keys(columns);
  const buffer = parquetWriteBuffer({
    createdBy: "BalancedBio workbench",
    schema: [
      { name: "schema", num_children: names.length },
      ...Object.entries(columns).flatMap(([name, type]) => elementsOf(name, type)),
    ],
    columnData: names.map((name) => ({
      name,
      data: rows.map((row) => stored(row[name], columns[name]!)),
    })),
  });
  return new Uint8Array(buffer);
}
