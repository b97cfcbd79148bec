/** Reads the report of a test run. @module */

/** How many tests passed, failed and were skipped. */
export interface Outcomes {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What a report counts. */
export interface TestCounts extends Outcomes {
  /** Whether the report has its end: a run that was killed leaves a part of one, or nothing. */
  readonly whole: boolean;
}

/** Counts the tests of a report in JUnit's format, steps of tests included. */
export function countTests(report: string): TestCounts {
  const count = (pattern: RegExp) => report.match(pattern)?.length ?? 0;
  const all = count(/<testcase[\s>]/g);
  const failed = count(/<(failure|error)[\s/>]/g);
  const skipped = count(/<skipped[\s/>]/g);
  return {
    passed: all - failed - skipped,
    failed,
    skipped,
    whole: /<\/testsuites>\s*$/.test(report),
  };
}

/** The counts of several reports together. */
export function sumCounts(all: readonly Outcomes[]): Outcomes {
  const sum = (key: keyof Outcomes) => all.reduce((total, one) => total + one[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** The line that closes a run. */
export function summaryLine({ passed, failed, skipped }: Outcomes): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
