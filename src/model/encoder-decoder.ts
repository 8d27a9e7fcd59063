import type { Value } from "../device/plan.js";
import type { Config } from "./config.js";
import type { Encoder } from "./model.js";
import type { Recording } from "./recording.js";

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

/**
 * How a decoder begins and ends: `decoder_start_token_id`, and the first `eos_token_id`.
 *
 * @throws FileError where the config names no start
 */
export function readDecoding(config: Config): Pick<Encoder, "start" | "end"> {
  const start = config.values.decoder_start_token_id ?? config.values.pad_token_id;
  const [end = null] = [config.values.eos_token_id].flat();
  if (!isId(start)) throw config.refuse("decoder_start_token_id", "the id that the decoder reads first");
  if (end !== null && !isId(end)) throw config.refuse("eos_token_id", "an id or null");
  return { start, end };
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
