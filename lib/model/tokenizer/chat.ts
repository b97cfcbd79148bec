/**
 * Renders conversations with a model's chat template.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import { renderTemplate, TemplateError } from "./jinja/render.ts";
import { type Tokenizer, tokenName } from "./tokenizer.ts";

/** One turn of a conversation. */
export interface ChatMessage {
  /** Who speaks: `system`, `user` or `assistant`. */
  readonly role: string;
  /** What is said. */
  readonly content: string;
}

/**
 * What a user should know about the ends of a tokenizer.
 *
 * @param tokenizer the tokenizer with all its ends
 * @returns sentences, none where it names its own end token
 */
export function endNotes({ eosId, eosIds, tokenBytes }: Tokenizer): string[] {
  if (eosId !== undefined) return [];
  const [end] = eosIds;
  return [
    end === undefined
      ? "the model names no end token: completions run on to the longest length"
      : `the tokenizer names no end token: answers end with ${
        JSON.stringify(new TextDecoder().decode(tokenBytes(end)))
      }, the first that the chat template or the model's configuration knows`,
  ];
}

/**
 * The special token that a chat template writes behind an assistant's answer: what ends an answer in training.
 *
 * @param tokenizer the model's tokenizer
 * @returns undefined where there is no template, or it writes none there
 */
function answerEnd(tokenizer: Tokenizer): number | undefined {
  if (tokenizer.chatTemplate === undefined) return undefined;
  const answer = "abcdefgh";
  let text: string;
  try {
    text = renderChat(tokenizer, [
      { role: "user", content: "a" },
      { role: "assistant", content: answer },
    ], { addGenerationPrompt: false });
  } catch {
    // What is wrong with the template is told where a conversation of the user's is rendered.
    return undefined;
  }
  const at = text.lastIndexOf(answer);
  if (at < 0) return undefined;
  const [end] = tokenizer.encode(text.slice(at + answer.length).trimStart(), { addSpecial: false });
  return end !== undefined && tokenizer.isSpecial(end) ? end : undefined;
}

/**
 * The tokenizer with all tokens that end a completion: the chat template's first, then the tokenizer's own, then those
 * that it had.
 *
 * @param tokenizer the tokenizer, with the end tokens that the model's configuration names
 */
export function withAllEnds(tokenizer: Tokenizer): Tokenizer {
  const ends = [answerEnd(tokenizer), tokenizer.eosId, ...tokenizer.eosIds];
  return { ...tokenizer, eosIds: [...new Set(ends.filter((id) => id !== undefined))] };
}

/**
 * The text of a conversation in the model's own chat format. Encode it with `addSpecial` false: the template writes the special
 * tokens.
 *
 * A template may add to the conversation: SmolLM2's puts a default system message before one that has none.
 *
 * @param tokenizer the model's tokenizer
 * @param messages the turns, oldest first
 * @param options `addGenerationPrompt`: end with the opening of the assistant's turn
 * @throws WorkbenchError when the model has no chat template or the template refuses the conversation or writes nothing
 */
export function renderChat(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  options: { readonly addGenerationPrompt: boolean },
): string {
  if (tokenizer.chatTemplate === undefined) {
    throw new WorkbenchError(
      "Expected a model with a chat template but found none in its tokenizer: put the one that it was trained with into chat_template.jinja of its folder, or continue plain text (generate --raw)",
    );
  }
  const nameOf = (id: number | undefined): string => {
    return id === undefined ? "" : tokenName(tokenizer, id);
  };
  let text: string;
  try {
    text = renderTemplate(tokenizer.chatTemplate, {
      messages,
      tools: null,
      documents: null,
      add_generation_prompt: options.addGenerationPrompt,
      bos_token: nameOf(tokenizer.bosId),
      eos_token: nameOf(tokenizer.eosId),
    });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new WorkbenchError(
      `Expected a conversation that the chat template accepts but found: ${error.message}`,
    );
  }
  if (text !== "") return text;
  throw new WorkbenchError(
    "Expected the chat template to write the conversation but found that it writes nothing: put the one that the model was trained with into chat_template.jinja of its folder, or continue plain text (generate --raw)",
  );
}
