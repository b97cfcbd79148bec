/**
 * What is done where no drug is first-line: a gluten-free diet, positive airway pressure. The tables name it in words.
 *
 * @module
 */
import type { Clinical } from "./clinical.ts";

/** Words that name a measure by themselves; "supportive" and "repair" do not. */
const measure = /^\p{L}.* (?:replacement|pressure|rehydration|diet|training|splint|therapy|rest)$/u;

/** A measure with the diseases in which it stands first. */
export interface CareMeasure {
  /** Its id. */
  readonly id: string;
  /** Its name in the tables. */
  readonly name: string;
  /** Ids of the diseases. */
  readonly diseases: readonly string[];
}

/**
 * The measures that the tables name.
 *
 * @param diseases Profiles by id.
 * @returns Each once.
 */
export function careMeasures({ diseases }: Pick<Clinical, "diseases">): CareMeasure[] {
  const found = [...diseases].flatMap(([id, { noDrugIsFirstLine }]) =>
    noDrugIsFirstLine.flatMap(({ setting }) =>
      setting !== undefined && measure.test(setting) ? [{ id, name: setting }] : []
    )
  );
  return [...Map.groupBy(found, ({ name }) => name)].map(([name, own]) => ({
    id: `measure:${name}`,
    name,
    diseases: own.map(({ id }) => id),
  }));
}
