import type { Value } from "../device/plan.js";
import type { Config } from "./config.js";
import { type Encoder, type Model, NO_TARGET } from "./model.js";
import type { Recording } from "./recording.js";
import type { Encoding } from "./tokenizer.js";

/** One stack of layers with its weights in place. */
export interface LayerStack {
  readonly layers: number;
  /** Records the input of layer 0, which is the site `embed`. */
  recordEmbed(run: Recording): Value;
  recordLayer(run: Recording, n: number, x: Value): Value;
  /** Records what follows the last layer. */
  recordFinal(run: Recording, x: Value): Value;
}

/** Records a whole stack. @returns what it ends with: rows × width */
export function recordStack(run: Recording, stack: LayerStack): Value {
  let x = stack.recordEmbed(run);
  for (let n = 0; n < stack.layers; n++) x = stack.recordLayer(run, n, x);
  return stack.recordFinal(run, x);
}

/**
 * Checks that an encoder-decoder's head, if the config names one, gives next tokens.
 *
 * @throws FileError that names the class
 */
export function checkGenerates(config: Config): void {
  const kind = config.headKind();
  if (kind === "sequence-classification" || kind === "token-classification") {
    throw config.refuse("architectures", "an encoder-decoder that predicts text, or one without a head");
  }
}

/** Whether a directory holds the encoder without its decoder. @param name the class that saves it so */
export function isEncoderAlone(config: Config, name: string): boolean {
  return !config.flag("is_encoder_decoder", true) || [config.values.architectures].flat()[0] === name;
}

/**
 * How a decoder begins and ends: `decoder_start_token_id`, or else `pad_token_id`, and the first `eos_token_id`.
 *
 * @throws FileError where the config names no start
 */
export function readDecoding(config: Config): Pick<Encoder, "start" | "end"> {
  const start = config.index(
    config.values.decoder_start_token_id === undefined ? "pad_token_id" : "decoder_start_token_id",
  );
  const [end = null] = [config.values.eos_token_id].flat();
  return { start, end: end === null ? null : config.with({ eos_token_id: end }).index("eos_token_id") };
}

/** What a decoder reads of a target, and what it is to predict. */
export interface DecoderEncoding extends Encoding {
  /** The id that each token predicts, or NO_TARGET. */
  readonly targets: Uint32Array;
}

/**
 * Shifts a target right: the decoder reads its start and then the target but for the special token that ends it, and
 * predicts the target. The start is a special token.
 */
export function shiftRight({ ids, starts, ends, special }: Encoding, start: number): DecoderEncoding {
  const count = special.at(-1) ? ids.length - 1 : ids.length;
  const behind = (first: number, values: ArrayLike<number>) =>
    Uint32Array.from({ length: count + 1 }, (_, i) => (i === 0 ? first : values[i - 1]!));
  return {
    ids: behind(start, ids),
    starts: behind(0, starts),
    ends: behind(0, ends),
    special: Uint8Array.from(behind(1, special)),
    targets: Uint32Array.from({ length: count + 1 }, (_, i) => ids[i] ?? NO_TARGET),
  };
}

/** Texts that never end are cut off: at twice as many tokens as the longest right one has, or where there is no position left. */
export function mostWritten({ maximumTokens }: Pick<Model, "maximumTokens">, lengths: readonly number[]): number {
  return Math.min(maximumTokens, 2 * lengths.reduce((most, length) => Math.max(most, length), 0));
}
