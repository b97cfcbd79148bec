import { assertEquals, assertStringIncludes } from "@std/assert";
import { desc, escape, from, op, table } from "arquero";
import {
  csvTable,
  htmlTable,
  latexTable,
  markdownTable,
  plainTable,
  tableRows,
} from "../../lib/figures/mod.ts";

const rows = [
  { system: "CA_GRPO & co", score: 0.5, n: 10, p: 0.00012 },
  { system: "a|b <c>", score: -1.25, n: 9, p: null },
];
const columns = table({
  system: rows.map((r) => r.system),
  score: rows.map((r) => r.score),
  n: rows.map((r) => r.n),
  p: rows.map((r) => r.p),
});

Deno.test("arquero tables and rows give the same text", () => {
  for (
    const write of [markdownTable, latexTable, htmlTable, plainTable, csvTable]
  ) {
    assertEquals(write(columns), write(rows));
  }
});

Deno.test("Markdown: right-aligned numbers, one count of decimals, small numbers not 0", () => {
  assertEquals(
    markdownTable(rows),
    "| system | score | n | p |\n| :--- | ---: | ---: | ---: |\n" +
      "| CA_GRPO & co | 0.50 | 10 | 0.00012 |\n| a\\|b \\<c> | \u22121.25 | 9 | \u2013 |\n",
  );
});

Deno.test("LaTeX: booktabs, escapes, a float only with a caption", () => {
  const latex = latexTable(rows, { digits: 1, caption: "50 % of it" });
  assertStringIncludes(latex, "\\caption{50 \\% of it}");
  assertStringIncludes(
    latex,
    "\\begin{tabular}{lrrr}\n\\toprule\nsystem & score & n & p \\\\\n\\midrule",
  );
  assertStringIncludes(latex, "CA\\_GRPO \\& co & 0.5 & 10 & 0.00012 \\\\");
  assertStringIncludes(latex, "$-$1.3 & 9 & --");
  assertEquals(latexTable(rows).startsWith("\\begin{tabular}"), true);
  assertStringIncludes(
    latexTable([{ x: "\\~^" }]),
    "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}",
  );
});

Deno.test("HTML: escaped, with scopes", () => {
  const html = htmlTable(rows, { caption: "A < B" });
  assertStringIncludes(html, "<caption>A &lt; B</caption>");
  assertStringIncludes(html, '<th scope="col" style="text-align: right">score</th>');
  assertStringIncludes(html, '<td style="text-align: left">a|b &lt;c&gt;</td>');
  const wide = htmlTable([{ x: "0.3 [−1.2, 0.4]", y: "true [by definition]" }]);
  assertStringIncludes(
    wide,
    '>0.3 [−1.2,\u00a00.4]</td><td style="text-align: left">true [by definition]</td>',
  );
});

Deno.test("CSV: quotes, full precision, missing values empty", () => {
  assertEquals(
    csvTable([{ a: 'x,"y"', b: 1 / 3 }, { a: "line\nbreak", b: null }]),
    'a,b\n"x,""y""",0.3333333333333333\n"line\nbreak",\n',
  );
  for (const end of ["\r\n", "\r"]) {
    assertEquals(csvTable([{ a: `1${end}2` }]), 'a\n"1\n2"\n', "line breaks are line feeds");
  }
});

Deno.test("tableRows: dates become text, NaN, undefined and dates that are none become null", () => {
  assertEquals(
    tableRows(table({ d: [new Date(0)], x: [NaN], u: [undefined], n: [new Date(NaN)] })),
    [{ d: "1970-01-01T00:00:00.000Z", x: null, u: null, n: null }],
  );
});

const scores = table({
  system: ["a", "b", "a", "b", "c"],
  seed: [1, 1, 0, 0, 0],
  score: [0.5, 0.25, 1, null, 0.75],
});

Deno.test("arquero tables are written as their verbs left them: ordered, filtered, grouped", () => {
  const ordered = scores.orderby(desc("score"));
  assertEquals(tableRows(ordered).map(({ score }) => score), [1, 0.75, 0.5, 0.25, null]);
  assertEquals(
    csvTable(ordered.filter((d) => d.seed === 0)),
    "system,seed,score\na,0,1\nc,0,0.75\nb,0,\n",
  );
  assertEquals(plainTable(scores.groupby("system")), plainTable(scores));
  assertEquals(
    markdownTable(scores.groupby("system").rollup({ mean: op.mean("score"), n: op.count() })),
    "| system | mean | n |\n| :--- | ---: | ---: |\n| a | 0.75 | 2 |\n| b | 0.25 | 2 |\n| c | 0.75 | 1 |\n",
  );
  assertEquals(csvTable(scores.select("score", "system").slice(0, 1)), "score,system\n0.5,a\n");
});

Deno.test("derived, joined and pivoted columns: missing values, columns whose names are numbers", () => {
  const wide = scores.groupby("system").pivot("seed", "score");
  assertEquals(wide.columnNames(), ["system", "0", "1"]);
  assertEquals(csvTable(wide), "system,0,1\na,1,0.5\nb,,0.25\nc,0.75,\n");
  assertEquals(
    plainTable(wide),
    "system     0     1\na       1.00  0.50\nb          –  0.25\nc       0.75     –\n",
  );
  const joined = scores.join_left(table({ system: ["a"], date: [new Date(1e12)] }))
    .derive({ twice: (d) => d.score * 2, name: escape((d: { system: string }) => `<${d.system}>`) })
    .filter((d) => d.seed === 1).select("name", "twice", "date");
  assertEquals(
    csvTable(joined),
    "name,twice,date\n<a>,1,2001-09-09T01:46:40.000Z\n<b>,0.5,\n",
  );
  assertStringIncludes(htmlTable(joined), '<td style="text-align: left">&lt;b&gt;</td>');
  assertStringIncludes(latexTable(joined), "<b> & 0.50 & --");
});

Deno.test("values that are no cells: whole numbers of any size, lists, objects, typed arrays", () => {
  const odd = table({
    big: [3n, 2n ** 64n],
    list: [[1, "a"], []],
    interval: [{ mean: 0.5, n: 4n }, null],
    typed: [Float64Array.of(0.5), null],
  });
  assertEquals(tableRows(odd), [
    { big: 3, list: '[1,"a"]', interval: '{"mean":0.5,"n":4}', typed: "[0.5]" },
    { big: "18446744073709551616", list: "[]", interval: null, typed: null },
  ]);
  assertEquals(csvTable(table({ x: Float32Array.of(0.5, 2) })), "x\n0.5\n2\n");
});

Deno.test("tables without rows keep the columns that they have", () => {
  const none = scores.filter((d) => d.seed > 5);
  assertEquals(csvTable(none), "system,seed,score\n");
  assertEquals(markdownTable(none), "| system | seed | score |\n| :--- | :--- | :--- |\n");
  assertEquals(plainTable(none), "system  seed  score\n");
  assertEquals(csvTable(table({ a: [], b: [] })), "a,b\n");
  for (const write of [markdownTable, latexTable, htmlTable, plainTable, csvTable]) {
    assertEquals(typeof write(from([])), "string");
  }
});

Deno.test("rows with different keys have all columns", () => {
  assertEquals(csvTable([{ a: 1 }, { b: "x" }]), "a,b\n1,\n,x\n");
  assertEquals(plainTable([{ a: 1 }, { b: "x" }]), "a  b\n1  –\n–  x\n");
});

Deno.test("Markdown: names and texts begin no HTML, no link, no cell", () => {
  const rows = [{ "a|b": "<script>x</script>", "[c](d)": "![x](http://a.b/c)", e: "f\\|g\\" }];
  const text = markdownTable(rows, { caption: "<img src=x> [a](b)" });
  assertEquals(
    text,
    "\\<img src=x> [a]\\(b)\n\n| a\\|b | [c]\\(d) | e |\n| :--- | :--- | :--- |\n" +
      "| \\<script>x\\</script> | ![x]\\(http://a.b/c) | f\\\\\\|g\\\\ |\n",
  );
});
