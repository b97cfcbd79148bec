import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { csvText, decodeText, parseCsv, readText, UsageError } from "../../lib/runtime/mod.ts";

const cells = (text: string) => parseCsv(text, "x.csv").rows.map((row) => Object.values(row.cells));
const refused = (text: string, message: string) =>
  assertThrows(() => parseCsv(text, "x.csv"), UsageError, message);

// Cells as Python's csv.reader(io.StringIO(text, newline="")) reads them.
Deno.test("CSV: quotes, commas, line ends and empty cells", () => {
  assertEquals(cells('a,b\n1,"2, ""3"""\n"x\ny",\n'), [["1", '2, "3"'], ["x\ny", ""]]);
  assertEquals(cells("a,b\r\n1,2\r\n\r\n3,4"), [["1", "2"], ["3", "4"]]);
  assertEquals(cells("a,b\r1,2\r"), [["1", "2"]]);
  assertEquals(cells('\ufeffa,b\n"",""\n , x '), [["", ""], [" ", " x "]]);
  assertEquals(cells('\ufeff"a"\n""\n1\n'), [[""], ["1"]]);
  assertEquals(parseCsv("", "x.csv"), { columns: [], rows: [] });
  assertEquals(parseCsv("a\n\n1\n", "x.csv").rows, [{ cells: { a: "1" }, where: "x.csv, line 3" }]);
  const table = [["a", "b"], ['"', "x,\ny"], ["", "é"]];
  assertEquals(cells(csvText(table)), table.slice(1));
});

Deno.test("CSV: faults are told with file and line", () => {
  refused("a,b\n1,2\n1,2,3\n", "Expected 2 cells but found 3 in x.csv, line 3");
  refused('a,b\n"1\n2",3\n4\n', "Expected 2 cells but found 1 in x.csv, line 4");
  refused('a,b\n5" needle,x\n', "one inside a cell in x.csv, line 2");
  refused('a,b\n"5" needle,x\n', "one closed before the cell's end in x.csv, line 2");
  refused(
    'a,b\n1,2\n"3,4\n5,6\n',
    "Expected a quote to be closed but found no second one in x.csv, line 3",
  );
  refused("a,b,a\n", 'Expected every column once but found "a" twice in x.csv');
});

Deno.test("text: bytes that are not UTF-8 are told with their line", async () => {
  const latin = new Uint8Array([...new TextEncoder().encode("a,é\n1,caf"), 0xe9, 0x0a]);
  assertThrows(
    () => decodeText(latin, "x.csv"),
    UsageError,
    "the byte 0xe9, as in Latin-1, in x.csv, line 2",
  );
  assertThrows(() => decodeText(Uint8Array.of(0xff, 0xfe, 97, 0), "x"), UsageError, "UTF-16 in x");
  assertThrows(
    () => decodeText(Uint8Array.of(0xe2, 0x82), "x"),
    UsageError,
    "0xe2, as in Latin-1, in x, line 1",
  );
  assertThrows(() => decodeText(Uint8Array.of(0xe9), "x"), UsageError, "0xe9");
  assertEquals(decodeText(new TextEncoder().encode("\ufeffé🙂"), "x"), "é🙂");
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, latin);
  await assertRejects(() => readText(path), UsageError, "line 2");
  await Deno.remove(path);
  assertEquals(await readText(path), undefined);
});

Deno.test("CSV: a text that a spreadsheet would run gets an apostrophe, a number stays a number", () => {
  for (
    const text of [
      "=1+1",
      "+cmd|' /C calc'!A0",
      "-2+3",
      "@SUM(A1)",
      "\t=1",
      "\r=1",
      "-",
      "=",
      "−=1",
    ]
  ) {
    const { rows } = parseCsv(csvText([["a"], [text]]), "x");
    const found = rows[0]!.cells["a"]!;
    assertEquals(found, text === "−=1" ? text : `'${text.replace("\r", "\n")}`);
  }
  assertEquals(csvText([["=a", "b"]]), "'=a,b\n");
  const numbers = [-1, 1e-7, -0.5, "-1", "+2", "-1.5e-10", "-.5", "-Infinity"];
  assertEquals(csvText([numbers]), `${numbers.join(",")}\n`);
  assertEquals(csvText([["a=b", "a@b.c", null, true]]), "a=b,a@b.c,,true\n");
});
