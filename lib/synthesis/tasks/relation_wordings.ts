/** Questions about one fact, by relation and by the end that they ask for. @module */
import type { Variants } from "../draft.ts";

/**
 * Questions for the object of a claim, its subject, or both; `{anchor}` is the end that is given, `{Anchor}` the same at the
 * beginning of a sentence.
 */
export const relationWordings = {
  finding: {
    object: {
      train: [
        "Which of these is a typical finding of {anchor}?",
        "What would you expect to see in someone with {anchor}?",
        "{Anchor}: which finding belongs to it?",
        "One of the following is characteristic of {anchor}. Which one?",
        "Pick the finding that {anchor} causes.",
      ],
      heldOut: [
        "A patient has {anchor}. Which finding fits?",
        "Four findings are listed. Only one is part of the picture of {anchor}; name it.",
        "How does {anchor} show itself?",
      ],
    },
    subject: {
      train: [
        "Which of these diseases typically shows {anchor}?",
        "One of these diseases is the usual cause of {anchor}. Which one?",
        "Where would you expect {anchor}?",
        "Pick the disease that causes {anchor}.",
      ],
      heldOut: [
        "A patient is seen with {anchor}. Which of the diseases explains this?",
        "Only one disease of this list is known for {anchor}; name it.",
        "Behind {anchor}, which of these would you suspect?",
      ],
    },
  },
  drug: {
    object: {
      train: [
        "For which of these diseases is {anchor} used?",
        "{Anchor} is a treatment of one of these diseases. Which one?",
        "Pick the disease that {anchor} treats.",
        "What is {anchor} given for?",
      ],
      heldOut: [
        "A patient takes {anchor}. Which disease of the list is the reason?",
        "Only one of these diseases is an indication for {anchor}; name it.",
        "A doctor writes a prescription for {anchor}. Against what?",
      ],
    },
    subject: {
      train: [
        "Which of these drugs treats {anchor}?",
        "Which drug is used for {anchor}?",
        "{Anchor}: pick its treatment.",
        "One of these drugs is an accepted treatment of {anchor}. Which one?",
      ],
      heldOut: [
        "A patient has {anchor}. Which drug of the list would help?",
        "Only one of these drugs has its place in {anchor}; name it.",
        "What could a doctor prescribe against {anchor}?",
      ],
    },
  },
  contraindication: {
    object: {
      train: [
        "In which of these conditions must {anchor} be avoided?",
        "Which condition speaks against {anchor}?",
        "{Anchor} is contraindicated in one of these. Which one?",
        "Pick the contraindication to {anchor}.",
      ],
      heldOut: [
        "A doctor wants to give {anchor}. Which of these conditions forbids it?",
        "Only one condition of the list makes {anchor} dangerous; name it.",
        "Who should not take {anchor}: a patient with which of these?",
      ],
    },
    subject: {
      train: [
        "Which of these drugs must be avoided in {anchor}?",
        "{Anchor} speaks against one of these drugs. Which one?",
        "Which drug is contraindicated in {anchor}?",
        "Pick the drug that is not to be given in {anchor}.",
      ],
      heldOut: [
        "A patient has {anchor}. Which drug of the list would be harmful?",
        "Only one of these drugs is forbidden by {anchor}; name it.",
        "Someone with {anchor} needs care: which of these should stay in the cupboard?",
      ],
    },
  },
  class: {
    object: {
      train: [
        "Which of these drugs belongs to the class {anchor}?",
        "The class {anchor} includes one of these drugs. Which one?",
        "Pick the drug that is of the class {anchor}.",
        "Of which drug is {anchor} the class?",
      ],
      heldOut: [
        "A patient needs a drug of the class {anchor}. Which one of the list is it?",
        "Only one of these drugs counts under the class {anchor}; name it.",
        "Under the heading {anchor} a textbook lists which of these drugs?",
      ],
    },
    subject: {
      train: [
        "To which pharmacologic class does {anchor} belong?",
        "What is the class of the drug {anchor}?",
        "{Anchor}: pick its class.",
        "Which of these groups of drugs includes {anchor}?",
      ],
      heldOut: [
        "A patient takes {anchor}. Which class of drug is this?",
        "Only one of these classes is that of {anchor}; name it.",
        "Under which heading would a textbook list {anchor}?",
      ],
    },
  },
  kind: {
    object: {
      train: [
        "Of which of these is {anchor} a kind?",
        "What kind of disease is {anchor}?",
        "{Anchor}: pick the group of diseases that it belongs to.",
        "To which group of diseases does {anchor} belong?",
      ],
      heldOut: [
        "A patient has {anchor}. Under which broader disease does it fall?",
        "Only one of these headings covers {anchor}; name it.",
        "Where in a classification of diseases would you look for {anchor}?",
      ],
    },
    subject: {
      train: [
        "Which of these is a kind of {anchor}?",
        "{Anchor} is a group of diseases. Which of these belongs to it?",
        "Pick the disease that is classified as {anchor}.",
        "Which disease falls under {anchor}?",
      ],
      heldOut: [
        "A textbook has a chapter on {anchor}. Which of these is in it?",
        "Only one disease of this list is a form of {anchor}; name it.",
        "Someone is told to have a kind of {anchor}. Which of these can it be?",
      ],
    },
  },
  definition: {
    object: {
      train: [
        "Which disease is this? {anchor}",
        "Name the disease with this definition: {anchor}",
        "{anchor} What is it called?",
        "Read the definition and pick the disease. {anchor}",
      ],
      heldOut: [
        "Choose the disease that is defined as follows: {anchor}",
        "A dictionary says: {anchor} Which entry is this?",
        "Only one of the diseases fits these words. {anchor}",
      ],
    },
  },
} as const satisfies Readonly<
  Record<string, Readonly<Partial<Record<"subject" | "object", Variants>>>>
>;

/** Each relation as a statement without its stop; `{Subject}` and `{Object}` are the ends at the beginning of a sentence. */
export const statements: Readonly<Record<keyof typeof relationWordings, readonly string[]>> = {
  finding: [
    "{Subject} typically shows {object}",
    "A typical finding of {subject} is {object}",
  ],
  drug: ["{Subject} is used to treat {object}", "{Object} is treated with {subject}"],
  contraindication: [
    "{Subject} is contraindicated in {object}",
    "{Object} is a contraindication to {subject}",
  ],
  class: ["{Object} belongs to the drug class {subject}", "The class {subject} includes {object}"],
  kind: ["{Subject} is a kind of {object}", "{Object} is a group that includes {subject}"],
  definition: ["{Object} is defined as follows: {subject}", "This defines {object}: {subject}"],
};
