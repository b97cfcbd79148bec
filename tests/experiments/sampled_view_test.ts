import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { sampledFindings as schema } from "../../experiments/sampled/findings.ts";
import { sampled } from "../../experiments/sampled/mod.ts";
import { type MadeUpRuns, sampledConfig, sampledFindingsOf } from "./sampled_findings.ts";
import { sampleResults } from "./sample_results.ts";

/** Capability-aware weights keep what the control lets fall, at a small price, and noise takes that away. */
const kept: MadeUpRuns = {
  full: {
    static: { fall: 0.2, gain: 0.1, cosine: -0.3 },
    "capability-aware": { fall: 0.02, gain: 0.09, cosine: -0.01, moves: true },
    UPGrad: { fall: 0.2, gain: 0.1 },
    "capability-aware with shrinking": { fall: 0.3, gain: 0.12 },
  },
  noisy: {
    static: { fall: 0.2, gain: 0.05 },
    "capability-aware": { fall: 0.25, gain: 0.05, moves: true },
  },
  signal: 0.05,
};

/** What is shown of findings that went through a file. */
function shown(runs: MadeUpRuns) {
  const findings = schema.parse(JSON.parse(JSON.stringify(sampledFindingsOf(runs))));
  const results = {
    ...sampleResults,
    experiment: "sampled",
    preset: "quick",
    config: sampledConfig,
    seeds: Array.from({ length: findings.replicates }, (_, r) => r),
    metrics: [],
    comparisons: [],
  };
  const view = sampled.view(results, findings);
  for (const { answer, method } of view.sections) {
    assert(!/NaN|undefined|Infinity|null/.test(answer + method), answer);
  }
  return view;
}

function answers(runs: Partial<MadeUpRuns> = {}): Record<string, string> {
  return Object.fromEntries(
    shown({ ...kept, ...runs }).sections.map(({ id, answer }) => [id, answer]),
  );
}

function says(answer: string | undefined, ...parts: string[]) {
  for (const part of parts) assertStringIncludes(answer ?? "", part);
}

/** The two arms of the claims with other numbers. */
const pair = (
  fixed: MadeUpRuns["full"]["static"],
  aware: MadeUpRuns["full"]["static"],
): Pick<MadeUpRuns, "full"> => ({
  full: { static: fixed!, "capability-aware": aware! },
});

Deno.test("sampled view: tables, figures and the command", () => {
  const { tables, figures, sections } = shown(kept);
  assertEquals(tables.map(({ name }) => name), ["claims", "outcomes", "signal", "differences"]);
  assertEquals(figures.map(({ name }) => name), [
    "changes-equal",
    "changes-reasoning",
    "differences-equal",
    "differences-reasoning",
    "weights",
    "noise",
  ]);
  assertEquals(sections.map(({ id }) => id), ["sampled", "sampled-arms", "sampled-noise"]);
  assertEquals(tables[1]!.rows.length, 10);
  assertEquals(tables[3]!.rows.length, (2 * 3 + 1) * 2 * 3);
  says(sections[0]!.command, "task experiments sampled --preset quick --seeds 8");
  const drawn = new Set(sections.flatMap((section) => section.figures));
  assertEquals(drawn.size, figures.length);
  // Weights that stay at the preference have no figure.
  const still = shown({ ...kept, ...pair({ fall: 0.2, gain: 0.1 }, { fall: 0.1, gain: 0.1 }) });
  assert(!still.figures.some(({ name }) => name === "weights"));
});

Deno.test("sampled view: claims that hold, their opposites, and what too few replicates leave open", () => {
  const { sampled: held } = answers();
  says(held, "S1 holds: ", "Margin 17.", "above 0 in 8 of 8 replicates, p = 0.008");
  says(held, "S2 holds: ");
  says(held, "Largest fall on the trained prompts, in points; preference equal: static 19.6 [");
  says(held, "], capability-aware 2.0 [", "; preference reasoning: static 19.6 [");
  const { sampled: lost } = answers(pair({ fall: 0.02, gain: 0.1 }, { fall: 0.2, gain: 0.01 }));
  says(lost, "S1 does not hold, the opposite is seen", "Margin −17.", "above 0 in 0 of 8");
  says(lost, "S2 does not hold, the opposite is seen");
  const { sampled: few } = answers({ shares: [1, 0.9] });
  says(few, "S1 is not shown", "S2 is not shown", "above 0 in 2 of 2 replicates");
  says(few, "2 replicates cannot show it: the least p value is 0.500");
  assert(!held!.includes("cannot show") && !lost!.includes("cannot show"));
});

Deno.test("sampled view: half of a gain that is none is no claim, and no fall says nothing", () => {
  const { sampled: none } = answers(pair({ fall: 0.2, gain: -0.1 }, { fall: 0.02, gain: 0.1 }));
  says(none, "S1 holds", "S2 is not shown");
  says(none, "The interval of static weights' own gain is not above 0.");
  const { sampled: calm } = answers(pair({ fall: 0, gain: 0.1 }, { fall: 0, gain: 0.1 }));
  says(calm, "S1 is not shown", "Margin 0.0 [0.0, 0.0] points, above 0 in 0 of 8", "p = 1.000");
  says(calm, "S2 holds");
  assert(!calm!.includes("own gain is not above 0"));
});

Deno.test("sampled view: signal that is enough for every reward, for some, for none, or unmeasured", () => {
  const { sampled: enough, "sampled-noise": noise } = answers();
  says(enough, "With 72 prompts a step", "at the start", "domain 3.5", "above 3 for every reward");
  says(enough, "as a step holds every prompt 6 times, domain 7.1");
  says(noise, "With 8 prompts a step", "domain 0.4", "above 3 for none.");
  says(answers({ signal: 0.01 }).sampled, "domain 0.7", "above 3 for none; against");
  const { signal: _, ...unmeasured } = kept;
  const view = shown(unmeasured);
  says(view.sections[0]!.answer, "The exact signal to noise was not measured.");
  says(noise, "72 prompts, reasoning: domain −0.5, reasoning 0.5, instruction 1.5");
  says(
    answers(pair({ fall: 0.2, gain: 0.1 }, { fall: 0.1, gain: 0.1 }))["sampled-noise"],
    "72 prompts, equal: not logged",
  );
});

Deno.test("sampled view: rewards that are at odds at the start, or are not", () => {
  const of = (cosine: number) => answers({ cosine }).sampled;
  says(
    of(-0.2),
    "mean rewards are domain 0.40",
    "domain and reasoning have the least cosine, −0.20",
  );
  says(of(-0.2), ": at odds.");
  says(of(0.1), "the least cosine, 0.10: not at odds.");
});

Deno.test("sampled view: arms above, below and not told apart from the control", () => {
  const { "sampled-arms": arms } = answers();
  const [fall, , gain] = arms!.split(/(?<=\.) (?=[A-Z])/);
  says(fall, "Largest fall less that of static weights, train");
  says(
    fall,
    "above 0 capability-aware with shrinking (equal) 9.",
    "below 0 capability-aware (equal) −17.",
  );
  says(fall, "not told apart UPGrad (equal), UPGrad (reasoning) (2 equal in every resample)");
  says(gain, "Gain less that of static weights, train", "below 0 capability-aware (equal) −1.0");
  says(arms, "their probability is 1.0 % at the start and 2.0 % at the end");
  const same = { fall: 0.1, gain: 0.1 };
  says(answers(pair(same, same))["sampled-arms"], "above 0 none; below 0 none; not told apart");
  const { "sampled-arms": all } = answers(pair(same, { fall: 0.2, gain: 0.05 }));
  says(all, "above 0 capability-aware (equal) 9.", "below 0 none; not told apart none.");
});

Deno.test("sampled view: what noise does, and how many steps harm", () => {
  const { "sampled-noise": noise } = answers();
  says(noise, "72 prompts, reasoning: −17.", "points (a smaller fall)");
  says(noise, "8 prompts, reasoning: 4.", "points (a larger fall)");
  says(noise, "static (equal, 72 prompts) 24 of 24 steps, least cosine −0.30 on average");
  const calm = answers({
    full: {
      static: { fall: 0.1, gain: 0.1, cosine: 0.2 },
      "capability-aware": { fall: 0.1, gain: 0.1, cosine: 0.1 },
    },
    noisy: {
      static: { fall: 0.1, gain: 0.1 },
      "capability-aware": { fall: 0.1, gain: 0.1 },
    },
  })["sampled-noise"];
  says(calm, "8 prompts, reasoning: 0.0 [0.0, 0.0] points (not told apart)");
  says(calm, "static (equal, 72 prompts) 0 of 24 steps, least cosine 0.20 on average");
  const same = { fall: 0.1, gain: 0.1 };
  says(answers(pair(same, same))["sampled-noise"], "The effect of no step was measured.");
});
