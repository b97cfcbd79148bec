/**
 * Items as rows of tables, in the forms that TRL's trainers read: prompt and completion for SFTTrainer, the prompt with what
 * a reward needs for GRPOTrainer, and the whole item.
 *
 * Prompt and completion are lists of messages, and kept apart so that SFTTrainer takes the loss of the completion alone, as
 * this project's own fine-tuning does; of a single list of messages it would take that of the prompt, too. What has many
 * shapes, an item's checks, is JSON in one text: a column of a table has one type.
 */
import type { Check, Where } from "../check.ts";
import type { Decision, Item } from "../item.ts";

/** The type of a column. */
export type ColumnType =
  | "string"
  | "int64"
  | { readonly list: ColumnType }
  | { readonly struct: Columns };

/** Columns by name, in order. Any of them may hold null. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** One row: a value for each column. */
export type Row = Readonly<Record<string, unknown>>;

/** One message of a chat. */
export interface Message {
  /** Who speaks. */
  readonly role: "system" | "user" | "assistant";
  /** What is said. */
  readonly content: string;
}

/** The system message before prompts where nothing else is said. */
export const defaultSystem = "You are a clinical assistant.";

/** What a table of items holds. */
export interface TableForm {
  /** What it is for, as a sentence. */
  readonly summary: string;
  /** Its columns. */
  readonly columns: Columns;
  /** The row of an item, with the system message before its prompt; none where that is empty. */
  readonly row: (item: Item, system: string) => Row;
}

const messages: ColumnType = { list: { struct: { role: "string", content: "string" } } };
const texts: ColumnType = { list: "string" };
const about = { id: "string", capability: "string", family: "string" } as const;
const decisions: ColumnType = {
  list: { struct: { format: "string", field: "string", options: texts, answer: "int64" } },
};

const aboutOf = ({ id, capability, family }: Item): Row => ({ id, capability, family });
const fieldOf = (where: Where): string | null => where.format === "text" ? null : where.field;

/** The place of a decision, flat: where it is stated, the options, and the place of the right one. */
const decisionRow = ({ where, options, answer }: Decision): Row => ({
  format: where.format,
  field: fieldOf(where),
  options,
  answer,
});

/** Checks in one text. */
const checksText = (checks: readonly Check[]): string => JSON.stringify(checks);

/**
 * The messages before a completion.
 *
 * @param item The item.
 * @param system The system message; none where it is empty.
 * @returns One or two messages.
 */
export function promptMessages({ prompt }: Item, system: string): Message[] {
  const user: Message = { role: "user", content: prompt };
  return system === "" ? [user] : [{ role: "system", content: system }, user];
}

/** The tables that a data set consists of, by the name under which `load_dataset` finds them. */
export const tableForms = {
  sft: {
    summary: "for SFTTrainer: the messages of a prompt and of its completion",
    columns: { prompt: messages, completion: messages, ...about },
    row: (item, system) => ({
      prompt: promptMessages(item, system),
      completion: [{ role: "assistant", content: item.reference }],
      ...aboutOf(item),
    }),
  },
  grpo: {
    summary: "for GRPOTrainer: the messages of a prompt, and what a reward function needs",
    columns: { prompt: messages, reference: "string", decisions, checks: "string", ...about },
    row: (item, system) => ({
      prompt: promptMessages(item, system),
      reference: item.reference,
      decisions: item.decisions.map(decisionRow),
      checks: checksText(item.checks),
      ...aboutOf(item),
    }),
  },
  items: {
    summary: "the whole item: what it asks, answers, decides and rests on",
    columns: {
      ...about,
      version: "int64",
      split: "string",
      prompt: "string",
      reference: "string",
      checks: "string",
      claims: {
        list: {
          struct: { subject: "string", predicate: "string", object: "string", denied: "string" },
        },
      },
      decisions,
      evidence: "string",
      group: "string",
      case: "string",
      template: "string",
    },
    row: (item) => ({
      ...aboutOf(item),
      version: item.version,
      split: item.split,
      prompt: item.prompt,
      reference: item.reference,
      checks: checksText(item.checks),
      claims: item.claims.map(({ subject, predicate, object, denied = null }) => ({
        subject,
        predicate,
        object,
        denied,
      })),
      decisions: item.decisions.map(decisionRow),
      evidence: item.evidence ?? null,
      group: item.group ?? null,
      case: item.case,
      template: item.template,
    }),
  },
} as const satisfies Readonly<Record<string, TableForm>>;
