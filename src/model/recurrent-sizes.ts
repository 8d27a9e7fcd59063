import type { Config } from "./config.js";
import type { Cell } from "./recurrent-cell.js";
import type { RecurrentWidths } from "./recurrent-sites.js";

/** Sizes of a recurrent network in the torch layout. */
export interface RecurrentSizes extends RecurrentWidths {
  readonly vocabulary: number;
}

const bothDirections = ["forward", "backward"] as const;

/**
 * Reads the sizes of a torch LSTM or GRU: `cell`, `hidden_size`, `embedding_size`, `num_layers`, `vocab_size` and
 * `bidirectional`.
 *
 * @throws FileError for projected hidden states (`proj_size`), which we do not compute
 */
export function readRecurrentSizes(config: Config): RecurrentSizes {
  if (config.index("proj_size", 0) > 0) throw config.refuse("proj_size", "0 (hidden states without a projection)");
  return {
    cell: config.choice<Cell>("cell", ["lstm", "gru"]),
    width: config.count("hidden_size"),
    embedding: config.count("embedding_size"),
    layers: config.count("num_layers"),
    vocabulary: config.count("vocab_size"),
    ...(config.flag("bidirectional", false) && { directions: bothDirections }),
  };
}
