/**
 * What rendering may cost: a template of a stranger neither runs without end nor fills the memory.
 *
 * @module
 */

import { TemplateError } from "./lexer.ts";

/** The longest text that a template makes, in UTF-16 units: far beyond what a model reads. */
export const longestText = 2 ** 23;

/** The longest list that a template makes. */
export const longestList = 2 ** 20;

/** What all steps of a template may cost: a step costs {@linkcode stepCost}, and what it makes or goes over its length. */
export const mostWork = 2 ** 27;

/** What a value that is worked out, or a statement that is run, costs. */
export const stepCost = 8;

/** What a round of a loop or a call of a macro costs. */
export const roundCost = 64;

/** The number of values that two values may be compared by. */
const mostCompared = 2 ** 20;

/** @throws TemplateError when a text would be longer than a template may make it */
export function checkText(length: number): void {
  if (length > longestText) {
    throw new TemplateError(`a text of more than ${longestText} characters, the most that is made`);
  }
}

/** @throws TemplateError when a list would be longer than a template may make it */
export function checkList(length: number): void {
  if (length > longestList) {
    throw new TemplateError(`a list of more than ${longestList} values, the most that is made`);
  }
}

/** What is left of a number of steps. */
export class Budget {
  #left: number;
  readonly #complaint: string;

  /**
   * @param left the number of steps
   * @param complaint what is said when there are no more
   */
  constructor(left: number, complaint: string) {
    this.#left = left;
    this.#complaint = complaint;
  }

  /** Takes steps away. @throws TemplateError when there are not as many */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TemplateError(this.#complaint);
  }
}

/** The budget of rendering a template once. */
export function renderingBudget(): Budget {
  return new Budget(mostWork, "more rounds, calls and text than the most that is rendered");
}

/** The budget of comparing two values, which may hold others without end. */
export function comparingBudget(): Budget {
  return new Budget(mostCompared, `values of more than ${mostCompared} parts to compare`);
}
