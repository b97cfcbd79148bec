/**
 * Renders conversations with a model's chat template.
 *
 * @module
 */

import { WorkbenchError } from "../../runtime/mod.ts";
import { renderTemplate, TemplateError } from "./jinja/render.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** One turn of a conversation. */
export interface ChatMessage {
  /** Who speaks: `system`, `user` or `assistant`. */
  readonly role: string;
  /** What is said. */
  readonly content: string;
}

/**
 * The text of a conversation in the model's own chat format. Encode it as it is: the template writes the special tokens.
 *
 * A template may add to the conversation: SmolLM2's puts a default system message before one that has none.
 *
 * @param tokenizer the model's tokenizer
 * @param messages the turns, oldest first
 * @param options `addGenerationPrompt`: end with the opening of the assistant's turn
 * @throws WorkbenchError when the model has no chat template or the template refuses the conversation
 */
export function renderChat(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  options: { readonly addGenerationPrompt: boolean },
): string {
  if (tokenizer.chatTemplate === undefined) {
    throw new WorkbenchError(
      "Expected a model with a chat template but found none in its tokenizer",
    );
  }
  const nameOf = (id: number | undefined): string => {
    return id === undefined ? "" : new TextDecoder().decode(tokenizer.tokenBytes(id));
  };
  try {
    return renderTemplate(tokenizer.chatTemplate, {
      messages,
      tools: null,
      documents: null,
      add_generation_prompt: options.addGenerationPrompt,
      bos_token: nameOf(tokenizer.bosId),
      eos_token: nameOf(tokenizer.eosIds[0]),
    });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new WorkbenchError(
      `Expected a conversation that the chat template accepts but found: ${error.message}`,
    );
  }
}
