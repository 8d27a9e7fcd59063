import type { Device } from "../../../src/device/device.js";
import type { Forward, ForwardRequest } from "../../../src/model/model.js";
import type { Tokenizer } from "../../../src/model/tokenizer.js";
import { FakeModel } from "../../fake-model.js";

const size = 52;

/** `<s>` and `</s>` around words of one letter: 2 is a, 27 is z, 28 is A. */
const letterTokenizer: Tokenizer = {
  kind: "words",
  files: [],
  size,
  encode: async (texts) =>
    texts.map((text) => {
      const letters = [...text].filter((letter) => letter !== " ");
      const ids = Uint32Array.of(0, ...letters.map(idOf), 1);
      const special = ids.map((id) => Number(id < 2));
      return { ids, starts: ids.map((_, i) => i), ends: ids.map((_, i) => i + 1), special: Uint8Array.from(special) };
    }),
  decode: async (ids) => Array.from(ids, spell).join(" "),
  token: (id) => (id === 0 ? "<s>" : id === 1 ? "</s>" : spell(id)),
  id: (token) => idOf(token),
};

/** The id of a letter. */
export function idOf(letter: string): number {
  return letter >= "a" ? 2 + letter.charCodeAt(0) - 97 : 28 + letter.charCodeAt(0) - 65;
}

function spell(id: number): string {
  return String.fromCharCode(id < 28 ? id + 95 : id + 37);
}

/** A model of letters whose columns say at every token what `activation` says of the letters so far. */
export class PlantedModel extends FakeModel {
  override readonly tokenizer: Tokenizer = letterTokenizer;
  override readonly vocabulary: number = size;
  readonly #activation: (letters: string, column: number) => number;

  constructor(device: Device, width: number, activation: (letters: string, column: number) => number) {
    super(device, { width, maximumTokens: 12 });
    this.#activation = activation;
  }

  override forward(request: ForwardRequest): Forward {
    const { sequences, capture } = request;
    this.batches.push(sequences.map(({ length }) => length));
    const width = this.sites[0]!.width!;
    const tokens = sequences.flatMap(
      (ids) =>
      Array.from(ids, (_, t) => [...ids.subarray(0, t + 1)].filter((id) => id > 1).map(spell).join("")), // biome-ignore format: one line
    );
    const { starts, ends, pool } = capture!.rows!;
    const pooled = Array.from(starts, (start, row) => {
      const own = tokens.slice(start, ends[row]);
      const at = pool === "last" ? own.slice(-1) : pool === "first" ? own.slice(0, 1) : own;
      return Array.from({ length: width }, (_, column) => {
        const values = at.map((letters) => this.#activation(letters, column));
        return pool === "mean" ? values.reduce((a, b) => a + b) / values.length : Math.max(...values);
      });
    });
    const values = Float32Array.from(pooled.flat());
    const captured = { buffer: this.device.allocate(4), row: 0, rows: pooled.length, columns: width };
    const unsupported = () => Promise.reject(new Error("a planted model predicts nothing"));
    return {
      ...{
        tokens: tokens.length,
        starts: new Uint32Array(0),
        operations: 0,
        operationsOfTexts: 0,
        done: Promise.resolve(),
        state: null,
      },
      captured: { ...captured, values: async () => values },
      ...{ losses: unsupported, probabilities: unsupported, predictions: unsupported, logits: unsupported },
      ...{ divergences: unsupported, distances: unsupported, scores: unsupported },
      [Symbol.dispose]: () => captured.buffer[Symbol.dispose](),
    };
  }
}
