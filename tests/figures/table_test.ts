import { assertEquals, assertStringIncludes } from "@std/assert";
import { table } from "arquero";
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
      "| CA_GRPO & co | 0.50 | 10 | 0.00012 |\n| a\\|b <c> | \u22121.25 | 9 | \u2013 |\n",
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

Deno.test("tableRows: dates become text, NaN and undefined become null", () => {
  assertEquals(
    tableRows(table({ d: [new Date(0)], x: [NaN], u: [undefined] })),
    [{ d: "1970-01-01T00:00:00.000Z", x: null, u: null }],
  );
});
