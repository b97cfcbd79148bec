/** Tables, figure and sentences on what can be answered without reading. @module */

import {
  dotIntervals,
  type Figure,
  formatShare,
  formatShareInterval,
  type Row,
  sentenceList,
} from "../../lib/figures/mod.ts";
import type { NamedTable, ReportSection } from "../core/experiment.ts";
import type { SynthesisFindings } from "./findings.ts";
import { setTitles } from "./titles.ts";

type Audit = SynthesisFindings["audit"];
type Guess = Audit["sets"][number]["table"][number];

const blindOf = (table: readonly Guess[]): Guess[] => table.filter(({ kind }) => kind === "blind");

/** How far blind guessers are from chance in each family. */
export function blindFigure({ families }: Audit): Figure {
  const guessers = [
    ...new Set(families.flatMap(({ table }) => blindOf(table).map(({ guesser }) => guesser))),
  ];
  return dotIntervals({
    title: "What answers without the findings, by family",
    rows: families.map(({ name }) => name),
    panels: guessers.map((guesser) => {
      const own = families.map(({ table }) =>
        blindOf(table).find((guess) => guess.guesser === guesser)
      );
      const points = (value: (guess: Guess) => number) =>
        own.map((guess) => guess === undefined ? null : 100 * (value(guess) - guess.chance));
      return {
        title: guesser,
        xTitle: "Points above chance",
        values: points(({ accuracy }) => accuracy),
        low: points(({ low }) => low),
        high: points(({ high }) => high),
        notes: own.map((guess) => guess === undefined ? "no findings" : null),
        reference: 0,
      };
    }),
    columns: 4,
    sharedX: true,
    caption: "Families without findings have no findings-blind guesser.",
    interval: "95 % Wilson intervals over counterfactual groups",
    n: Math.min(...families.flatMap(({ table }) => table.map(({ n }) => n))),
    unit: "decisions at least",
  });
}

/** What floors, controls and blind guessers get in each test set. */
export function guessTable({ sets }: Audit): NamedTable {
  const guessers = [
    ...new Map(sets.flatMap(({ table }) => table.map((guess) => [guess.guesser, guess.kind]))),
  ];
  const chance = Object.fromEntries(
    sets.map(({ name, table }) => [setTitles[name], formatShare(table[0]!.chance)]),
  );
  return {
    name: "blind",
    caption: "Right decisions in per cent of what does not learn, with 95 % interval over groups",
    rows: [
      { guesser: "chance", kind: "", ...chance },
      ...guessers.map(([guesser, kind]): Row => ({
        guesser,
        kind,
        ...Object.fromEntries(sets.map(({ name, table }) => {
          const guess = table.find((one) => one.guesser === guesser);
          return [
            setTitles[name],
            guess === undefined ? "" : formatShareInterval(guess.accuracy, guess),
          ];
        })),
      })),
    ],
  };
}

function auditAnswer({ families, sets, duplicates, items, broken }: Audit): string {
  const blind = families.flatMap(({ table }) => blindOf(table));
  const outside = blind.filter(({ inside }) => !inside).length;
  const seen = sentenceList(
    sets.map(({ name, claims, seen }) =>
      `${formatShare(seen / Math.max(1, claims))} % (${setTitles[name]})`
    ),
  );
  const memory = sets.flatMap(({ name, table }) =>
    table.filter(({ guesser }) => guesser === "memory").map((guess) =>
      `${formatShareInterval(guess.accuracy, guess)} % (${setTitles[name]})`
    )
  );
  const share = (n: number) => formatShare(n / Math.max(1, items));
  return `${outside} of ${blind.length} intervals of what does not read the findings leave chance out, where ${
    (0.05 * blind.length).toFixed(1)
  } would if all were at chance. Training states ${seen} of the claims of test items; recalling them decides ${
    sentenceList(memory)
  } right. Of ${items} items ${share(duplicates.exact)} % repeat a prompt, ${
    share(duplicates.near)
  } % nearly; ${
    broken === 0 ? "every rule of consistency holds" : `${broken} rules of consistency are broken`
  }.`;
}

/** The section of the report. */
export function auditSection(audit: Audit, figure: Figure, command: string): ReportSection {
  const { rows, caption } = guessTable(audit);
  return {
    id: "synthesis-audit",
    question: "Can the items be answered without reading?",
    answer: auditAnswer(audit),
    table: rows,
    tableCaption: caption,
    figures: [figure],
    method:
      "Guessers are trained on the training items and asked the decisions of test items: the first and the longest option, naive Bayes on the options, the option named most often in training or in the prompt, naive Bayes on the prompt without its findings, a form filled by lot. Echo looks for letters of the options in the findings, memory recalls training claims; its findings exchanged and its names invented are controls.",
    command,
  };
}
