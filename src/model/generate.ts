import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import type { Intervention } from "./interventions.js";
import type { Model } from "./model.js";
import { type SamplingOptions, samplingOf } from "./sampling.js";
import { OpenText, TextReader } from "./text-reader.js";

/** How texts are continued; the likeliest token at every step where nothing else is said. */
export interface GenerateOptions extends SamplingOptions {
  /** Tokens that are added at most; default 40. A text never becomes longer than the model's positions. */
  readonly tokens?: number;
  /** Strings before which a text ends. */
  readonly stop?: string | readonly string[];
  /** Whether the config's end-of-text ids end a text; default `stop`. */
  readonly endings?: "stop" | "ignore";
  /** `add` begins texts with the config's `bos_token_id` where the tokenizer does not. */
  readonly beginning?: "add";
  /**
   * Active at every step and every position, as they say; `sequence` is a prompt's number, `at("last")` every token that
   * is read last: the prompt's last and all new ones.
   */
  readonly interventions?: readonly Intervention[];
  /** Encoder-decoders: one per prompt, ids that its text begins with, which count as written; left out: none. */
  readonly begun?: readonly Uint32Array[];
  /** One per prompt: the number under which the random draws of interventions know it; left out: its own. */
  readonly identities?: Uint32Array;
}

const optionNames = ["tokens", "stop", "endings", "beginning", "interventions", "begun", "identities", "repetitionPenalty", "temperature", "topK", "topP", "seed"]; // biome-ignore format: one line

export interface GenerateContext {
  readonly signal?: AbortSignal;
  /** Is told what each text grew by, as it grows. */
  readonly onText?: (prompt: number, added: string) => void;
  /** Is told at the end how many multiplications and additions of linear maps it took. */
  readonly onOperations?: (operations: number) => void;
}

/** A continued text. */
export interface Generation {
  /** What follows the prompt; of an encoder-decoder what the decoder writes. */
  readonly text: string;
  /** Ids that were read first: the prompt's; of an encoder-decoder its source's. */
  readonly prompt: Uint32Array;
  /** The ids behind it: all that were chosen, those of a stop string and an end included. */
  readonly ids: Uint32Array;
  /** Why it ends: an end-of-text id, a stop string, as many tokens as asked for, or no position left. */
  readonly end: "ending" | "stop" | "tokens" | "positions";
}

/**
 * Continues texts, all of them in one batch, one token of each at a time: a recurrent model carries its state on, a
 * transformer keeps keys and values, so that a step costs the same wherever the text stands, but for attention. An
 * encoder-decoder reads the prompt with its encoder, once for all that are the same, unless something changes in there.
 *
 *     const [story] = await generate(model, ["Once upon a time"], { temperature: 0.8, topP: 0.95, seed: 1 });
 *
 * Seeded choices are those of `chooseToken`: the same on every device, and whatever stands beside a prompt.
 *
 * @param prompts texts, or token ids
 * @throws ArgumentError for a prompt without a token or longer than the model's positions, an option out of its range,
 *   or a model that does not predict the next token
 */
export async function generate(
  model: Model,
  prompts: readonly (string | Uint32Array)[],
  options: GenerateOptions = {},
  { signal, onText, onOperations }: GenerateContext = {},
): Promise<Generation[]> {
  for (const name of Object.keys(options)) checkKnown("options", name, optionNames);
  if (model.head.kind !== "causal") throw new ArgumentError("model", "one that predicts the next token", model.name);
  const { tokens = 40, stop = [], endings = "stop", interventions = [], begun, identities } = options;
  if (!(Number.isInteger(tokens) && tokens >= 0)) throw new ArgumentError("tokens", "an integer of at least 0", tokens);
  const stops = [stop].flat();
  if (stops.includes("")) throw new ArgumentError("stop", "strings that are not empty", stop);
  const sampling = samplingOf(options);
  const ends = endings === "stop" ? endingsOf(model) : [];
  const watched = onText !== undefined || stops.length > 0;
  const read = await readPrompts(model, prompts, options);
  const texts = read.map((prompt, number) => new OpenText(model, number, prompt, { tokens, ends, stops, watched }));
  if (identities && identities.length !== texts.length)
    throw new ArgumentError("identities", `one for each of ${texts.length} prompts`, identities.length);
  if (begun) await begin(model, texts, begun);
  using reader = new TextReader(model, texts, { interventions, sampling, identities });
  while (reader.open.length > 0) {
    signal?.throwIfAborted();
    for (const [number, added] of await reader.step()) if (added !== "") onText?.(number, added);
  }
  onOperations?.(reader.operations);
  for (const { number, growing } of texts) {
    const rest = await growing.end();
    if (rest !== "") onText?.(number, rest);
  }
  return texts.map(({ prompt, growing, ids, end }) => {
    return { text: growing.text, prompt, ids: Uint32Array.from(ids), end: end! };
  });
}

/** Lets texts begin with ids that are given. */
async function begin(model: Model, texts: readonly OpenText[], begun: readonly Uint32Array[]): Promise<void> {
  if (!model.encoder) throw new ArgumentError("begun", "nothing but for encoder-decoders: prompts end with it,", begun);
  if (begun.length !== texts.length)
    throw new ArgumentError("begun", `one for each of ${texts.length} prompts`, begun.length);
  for (const [i, text] of texts.entries()) {
    for (const id of begun[i]!) {
      if (text.end !== null) throw new ArgumentError(`begun[${i}]`, "ids none of which ends the text but the last", begun[i]); // biome-ignore format: one line
      await text.add(id);
    }
  }
}

function endingsOf({ endings, encoder }: Model): readonly number[] {
  return encoder?.end == null ? endings : [...endings, encoder.end];
}

/** The ids of every prompt, in the order of the prompts. */
async function readPrompts(
  model: Model,
  prompts: readonly (string | Uint32Array)[],
  { beginning }: GenerateOptions,
): Promise<Uint32Array[]> {
  if (prompts.length === 0) throw new ArgumentError("prompts", "at least one text", prompts);
  const added = beginning === undefined ? null : beginningOf(model);
  const texts = prompts.filter((prompt) => typeof prompt === "string");
  const encodings = (await model.tokenizer.encode(texts)).values();
  return prompts.map((prompt, i) => {
    const ids = typeof prompt === "string" ? encodings.next().value!.ids : prompt;
    const begun = added !== null && ids[0] !== added ? Uint32Array.of(added, ...ids) : ids;
    const name = prompts.length === 1 ? "prompt" : `prompts[${i}]`;
    if (begun.length === 0) {
      const wanted = "a text of at least one token, as the tokenizer adds none that begins a text";
      throw new ArgumentError(name, wanted, prompt);
    }
    const most = model.encoder?.maximumTokens ?? model.maximumTokens;
    if (begun.length > most)
      throw new ArgumentError(name, `at most ${most} tokens (the model's positions)`, begun.length);
    return begun;
  });
}

function beginningOf({ beginning, name }: Model): number {
  if (beginning !== null) return beginning;
  throw new ArgumentError("beginning", "a model whose config has a bos_token_id", name);
}
