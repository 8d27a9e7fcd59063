import { ArgumentError } from "../core/errors.js";
import type { OptionValues } from "./command.js";

/** What a model is asked to predict of a corpus. */
export const predictionOptions = {
  "mask-rate": { kind: "number", value: "SHARE", help: "masked models: the share of tokens to mask (default .15)" },
  mask: { kind: "text", value: "each", choices: ["each"], help: "masked models: mask every token in turn instead" },
  bos: { kind: "flag", help: "causal models: begin sentences with the config's bos_token_id" },
} as const;

/** The same as methods take it. @throws ArgumentError for options that exclude each other */
export function predictionsOf({ mask, "mask-rate": rate, bos }: OptionValues<typeof predictionOptions>) {
  if (mask !== undefined && rate !== undefined) throw new ArgumentError("--mask-rate", "nothing beside --mask", rate);
  return {
    ...(mask === "each" && { mask: "each" as const }),
    ...(rate !== undefined && { mask: rate }),
    ...(bos && { beginning: "add" as const }),
  };
}
