import { assertEquals } from "@std/assert";
import { countTests, summaryLine } from "../../experiments/commands/test/junit.ts";

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="1" errors="1" time="0.2">
    <testsuite name="./a_test.ts" tests="5" disabled="1" errors="1" failures="1">
        <testcase name="fine" classname="./a_test.ts" time="0.000" line="1" col="6">
        </testcase>
        <testcase name="&lt;failure&gt; in a name" classname="./a_test.ts" time="0.000" line="1" col="6">
        </testcase>
        <testcase name="left out" classname="./a_test.ts" time="0.000" line="2" col="6">
            <skipped/>
        </testcase>
        <testcase name="wrong" classname="./a_test.ts" time="0.001" line="3" col="6">
            <failure message="Error: x">Error: x &lt;skipped&gt;</failure>
        </testcase>
        <testcase name="cancelled" classname="./a_test.ts" time="0.001" line="3" col="6">
            <error message="Cancelled"/>
        </testcase>
    </testsuite>
</testsuites>
`;

Deno.test("every test of a report is counted once", () => {
  const counts = countTests(report);
  assertEquals(counts, { passed: 2, failed: 2, skipped: 1, whole: true });
  assertEquals(summaryLine(counts), "2 passed, 2 failed, 1 skipped");
});

Deno.test("a report that was cut off is not whole", () => {
  assertEquals(countTests(report.slice(0, 700)).whole, false);
  assertEquals(countTests(""), { passed: 0, failed: 0, skipped: 0, whole: false });
});
