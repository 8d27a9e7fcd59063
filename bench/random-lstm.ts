import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "../src/core/random.js";
import { tensorBytes } from "../test/fixtures/safetensors-bytes.js";

/** A recurrent language model of any size. */
export interface LstmShape {
  readonly layers: number;
  readonly width: number;
  readonly vocabulary: number;
}

/** Saves a stacked LSTM language model with random weights, of the spread at which torch starts its training. */
export function saveLstm({ layers, width, vocabulary }: LstmShape, folder: string): void {
  const uniform = random(1);
  const bound = 1 / Math.sqrt(width);
  const fill = (scale: number, ...shape: number[]) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    return { shape, values: values.map(() => scale * (2 * uniform() - 1)) };
  };
  const tensors: Record<string, { shape: readonly number[]; values: Float32Array }> = {
    "encoder.weight": fill(1, vocabulary, width),
    "decoder.weight": fill(4 * bound, vocabulary, width),
    "decoder.bias": fill(bound, vocabulary),
  };
  for (let n = 0; n < layers; n++) {
    for (const part of ["ih", "hh"]) {
      tensors[`rnn.weight_${part}_l${n}`] = fill(bound, 4 * width, width);
      tensors[`rnn.bias_${part}_l${n}`] = fill(bound, 4 * width);
    }
  }
  const sizes = { hidden_size: width, embedding_size: width, num_layers: layers, vocab_size: vocabulary };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({ model_type: "rnn_lm", cell: "lstm", ...sizes, tokenizer: "bytes" }),
  );
  writeFileSync(join(folder, "model.safetensors"), tensorBytes(tensors));
}
