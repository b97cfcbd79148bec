import type { CurvesOptions, GroupedBarsOptions } from "../../lib/figures/mod.ts";

/** Made-up bars: two systems, two groups, one value missing, and reported numbers. */
export const bars: GroupedBarsOptions = {
  title: "Scores on two capabilities",
  groups: ["domain", "reasoning"],
  series: [
    {
      name: "base",
      values: [31.2, 24.5],
      low: [28.1, 21.4],
      high: [34.3, 27.6],
      n: [200, 150],
    },
    {
      name: "CA-GRPO",
      values: [46.9, null],
      low: [44, null],
      high: [50, null],
      n: [200, 150],
    },
  ],
  yTitle: "Score (%)",
  caption: "Held-out items",
  reported: {
    name: "reported by the paper (not comparable)",
    values: [80.95, 61.94],
  },
};

/** Made-up lines with bands. */
export const lines: CurvesOptions = {
  title: "Reward while training",
  series: ["GRPO", "CA-GRPO"].map((name, i) => ({
    name,
    x: [0, 10, 20],
    y: [0.2, 0.3 + 0.1 * i, 0.4 + 0.1 * i],
    low: [0.1, 0.2 + 0.1 * i, 0.3 + 0.1 * i],
    high: [0.3, 0.4 + 0.1 * i, 0.5 + 0.1 * i],
  })),
  xTitle: "Step",
  yTitle: "Reward",
  n: 3,
};
