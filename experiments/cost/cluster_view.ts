/** Table, figure and sentence on a sweep on clusters. @module */

import { average } from "../../lib/evaluation/mod.ts";
import { curves, type Figure, type Row, sentenceList } from "../../lib/figures/mod.ts";
import { formatSeconds } from "../../lib/runtime/mod.ts";
import type { CostConfig } from "./config.ts";
import { type CostFindings, rangeOf, type Simulated } from "./findings.ts";

type Cluster = CostFindings["cluster"];

const millions = (parameters: number): string => `${(parameters / 1e6).toFixed(1)} M`;

/** Those of each size, the smallest first. */
const bySize = (simulated: readonly Simulated[]): Simulated[][] =>
  [...Map.groupBy(simulated, ({ parameters }) => parameters)].sort(([a], [b]) => a - b)
    .map(([, own]) => own);

/**
 * Hours of the sweep over the number of nodes.
 *
 * @param cluster what was found
 * @param config options of the run
 * @returns the figure
 */
export function clusterCurves({ simulated }: Cluster, { cluster }: CostConfig): Figure {
  const sizes = bySize(simulated);
  const hours = (own: readonly Simulated[], of: "mean" | "low" | "high") =>
    own.map(({ makespans }) => rangeOf(makespans)[of] / 3600);
  return curves({
    title: "A sweep on a cluster, simulated",
    series: [
      {
        title: "Time to the end",
        yTitle: "Hours",
        series: sizes.map((own) => ({
          name: `${millions(own[0]!.parameters)} parameters`,
          x: own.map(({ nodes }) => nodes),
          y: hours(own, "mean"),
          low: hours(own, "low"),
          high: hours(own, "high"),
        })),
      },
      {
        title: "Share of the nodes' time that computes",
        yTitle: "Per cent",
        series: sizes.map((own) => ({
          name: `${millions(own[0]!.parameters)} parameters`,
          x: own.map(({ nodes }) => nodes),
          y: own.map(({ useful }) => 100 * useful),
        })),
      },
    ],
    xTitle: "Nodes",
    yTitle: "Hours and per cent",
    xScale: "log",
    yScale: "log",
    sharedY: false,
    columns: 2,
    n: cluster.draws,
    unit: "simulations",
    band: "from the shortest to the longest simulation",
    caption:
      `${cluster.trainings} trainings of ${cluster.trainingSteps} steps and an evaluation of each. Means.`,
  });
}

const percent = (share: number): number => Number((100 * share).toFixed(1));

/**
 * One row a size and number of nodes.
 *
 * @param cluster what was found
 * @returns the rows
 */
export function clusterRows({ simulated }: Cluster): Row[] {
  return bySize(simulated).flat().map((one): Row => ({
    parameters: one.parameters,
    nodes: one.nodes,
    "time (h)": average(one.makespans) / 3600,
    "alone on one (h)": one.alone / 3600,
    "computes (%)": percent(one.useful),
    "processes begin (%)": percent(one.starting),
    "in vain (%)": percent(one.lost),
    "waits (%)": percent(1 - one.useful - one.starting - one.lost),
    failures: Number(one.failures.toFixed(1)),
  }));
}

/** What takes most of the time in which a node does not compute. */
function bound({ useful, starting, lost }: Simulated): string {
  const waits = 1 - useful - starting - lost;
  const parts = [
    { share: waits, text: "waiting for the last cells of a wave and for plans" },
    { share: starting, text: "processes that begin" },
    { share: lost, text: "work lost with nodes that failed" },
  ];
  const most = parts.reduce((a, b) => b.share > a.share ? b : a);
  return `${percent(most.share)} % go to ${most.text}`;
}

/**
 * How long the sweep takes, and what bounds it.
 *
 * @param cluster what was found
 * @returns sentences
 */
export function clusterAnswer({ simulated }: Cluster): string {
  const parts = bySize(simulated).map((own) => {
    const [first, last] = [own[0]!, own.at(-1)!];
    const half = own.findLast(({ useful }) => useful >= 0.5);
    const until = half === undefined
      ? "Nodes compute less than half of their time on any number"
      : half === last
      ? `Even on ${last.nodes} nodes they compute ${percent(last.useful)} % of their time`
      : `Nodes compute at least half of their time on up to ${half.nodes}, ${
        percent(last.useful)
      } % on ${last.nodes}`;
    return `With ${millions(first.parameters)} parameters the sweep takes ${
      formatSeconds(average(first.makespans))
    } on ${first.nodes} ${first.nodes === 1 ? "node" : "nodes"} and ${
      formatSeconds(average(last.makespans))
    } on ${last.nodes}. ${until}; there ${bound(last)}.`;
  });
  return parts.join(" ");
}

/**
 * What was assumed.
 *
 * @param cluster what was found
 * @param config options of the run
 * @returns sentences
 */
export function clusterMethod({ launching }: Cluster, { cluster }: CostConfig): string {
  const { plan, entry } = launching;
  const arrays = 1 + 2 * Math.ceil(cluster.trainings / cluster.longestArray);
  const assumed = [
    `speeds whose logarithm has a standard deviation of ${cluster.spread}`,
    `a failure of a node every ${cluster.daysBetweenFailures} days`,
    `${cluster.repairHours} h until it is back`,
    `${cluster.requeueSeconds} s until what it computed begins again from a checkpoint, one every ${cluster.checkpointSteps} steps`,
  ];
  return `Simulated, not measured: a start, ${cluster.trainings} trainings of ${cluster.trainingSteps} steps from it, ` +
    `and an evaluation of each as long as ${cluster.evaluationSamplings} samplings, in three waves, with the measured seconds of a step with an adapter. ` +
    `A process takes ${plan.toFixed(1)} s to plan or to begin, and ${
      (1000 * entry).toFixed(2)
    } ms for each entry that it reads (both measured; a shared folder is slower). Assumed: ${
      sentenceList(assumed)
    }. The launcher submits ${arrays} array jobs of at most ${cluster.longestArray} tasks, and asks for the queue once in 15 s however many run. ` +
    `The store has ${(2 * cluster.trainings + 1).toLocaleString("en")} entries, about ${
      Math.ceil(cluster.trainings / 256)
    } of a kind in a folder.`;
}
