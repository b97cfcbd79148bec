/** Open questions, by kind. `{anchor}` is what they are about, `{Anchor}` the same at the beginning of a sentence. @module */
import type { Variants } from "../draft.ts";

/** How each kind is asked. */
export const openWordings = {
  otherFinding: {
    train: [
      "Besides {listed}, what is a typical finding of {anchor}?",
      "Typical of {anchor} are {listed}. Name one more finding.",
      "{Anchor} shows {listed}. What else does it show?",
      "Name a finding of {anchor} other than {listed}.",
      "What is missing from this list of findings of {anchor}: {listed}?",
    ],
    heldOut: [
      "A student describes {anchor} with {listed}. Add one finding.",
      "Complete the picture of {anchor} with one thing; {listed} are known already.",
      "Of {anchor} someone has noted {listed}. What would you add to the notes?",
    ],
  },
  otherDrug: {
    train: [
      "Besides {listed}, which drug is used for {anchor}?",
      "{Anchor} is treated with {listed}. Name one more drug.",
      "Name a drug for {anchor} other than {listed}.",
      "What is missing from this list of drugs for {anchor}: {listed}?",
    ],
    heldOut: [
      "A patient with {anchor} cannot take {listed}. Which drug is left?",
      "Against {anchor} someone has tried {listed}. What else could be tried?",
      "Complete the treatments of {anchor} with one; {listed} are known already.",
    ],
  },
  forbiddenDrug: {
    train: [
      "Name a drug for {anchor} that must not be given in {condition}.",
      "Which drug treats {anchor} and is contraindicated in {condition}?",
      "{Anchor} is to be treated, but the patient also has {condition}. Which drug is forbidden?",
      "Which of the treatments of {anchor} does {condition} rule out? Name one.",
    ],
    heldOut: [
      "Someone with {condition} develops {anchor}. Name a usual drug that would now be harmful.",
      "A doctor treats {anchor} and overlooks {condition}. Which prescription would be the mistake?",
      "{Anchor} has several treatments; one becomes dangerous with {condition}. Which?",
    ],
  },
  class: {
    train: [
      "Name the pharmacologic class of {anchor}.",
      "What class of drug is {anchor}?",
      "To which group of drugs does {anchor} belong?",
      "{Anchor} is a drug of which class?",
    ],
    heldOut: [
      "Give the class that the drug {anchor} belongs to.",
      "A patient takes {anchor}. What kind of drug is that?",
      "In a list of drugs by class, where does {anchor} stand?",
    ],
  },
  group: {
    train: [
      "Name a group of diseases that includes {anchor} but not {other}.",
      "Of what is {anchor} a kind, while {other} is not?",
      "{Anchor} and {other} fall under different groups. Name one of the first alone.",
      "Which broader disease covers {anchor} and leaves out {other}?",
    ],
    heldOut: [
      "Give a heading under which a textbook has {anchor} but not {other}.",
      "A classification separates {anchor} from {other}. Name a class of the first.",
      "What do doctors call the diseases among which {anchor} is, unlike {other}?",
    ],
  },
  definition: {
    train: [
      "Which disease is this? {anchor}",
      "Name the disease that is defined as follows: {anchor}",
      "{anchor} What is its name?",
      "Read the definition and name the disease. {anchor}",
    ],
    heldOut: [
      "A dictionary says: {anchor} Which disease does it define?",
      "Someone explains a disease in these words: {anchor} What do they mean?",
      "Find the word for this: {anchor}",
    ],
  },
} as const satisfies Readonly<Record<string, Variants>>;
