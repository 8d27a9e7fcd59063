import type { Device } from "../src/device/device.js";
import type { Capture, Forward, ForwardRequest, Model } from "../src/model/model.js";
import type { Encoding, Tokenizer } from "../src/model/tokenizer.js";

/** What a `FakeModel` is to be. */
export interface FakeOptions {
  readonly maximumTokens?: number;
  /** Columns of its only site, `layers.0.residual`. */
  readonly width?: number;
  /** What a column holds at a token; `fakeActivation` where left out. */
  readonly activation?: (ids: Uint32Array, position: number, column: number) => number;
}

/** `[`, a token for every pair of letters of a word and for what is left, `]`; an asterisk has no token. */
export const pairTokenizer: Tokenizer = {
  kind: "file",
  files: [],
  size: 1000,
  encode: async (texts) => texts.map(encodePairs),
  decode: async () => "",
  token: (id) => (id === 1 ? "[" : id === 2 ? "]" : null),
  id: () => null,
};

function encodePairs(text: string): Encoding {
  const spans = [...text.matchAll(/[^\s*]{1,2}/g)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  return {
    ids: Uint32Array.of(1, ...spans.map(([start]) => 3 + (text.charCodeAt(start) % 97)), 2),
    starts: Uint32Array.of(0, ...spans.map(([start]) => start), 0),
    ends: Uint32Array.of(0, ...spans.map(([, end]) => end), 0),
    special: Uint8Array.of(1, ...spans.map(() => 0), 1),
  };
}

/** What column `column` of the fake model holds at a token: a number that no other token of its text has. */
export function fakeActivation(ids: Uint32Array, position: number, column: number): number {
  return ids[position]! * 7 + position + ids.length / 128 + column * 1000;
}

/** A model whose activations one can say in advance, and which keeps the lengths of the batches it read. */
export class FakeModel implements Model {
  readonly name = "fake";
  readonly path = "fake";
  readonly family = "fake";
  readonly head = { kind: "none", labels: [] } as const;
  readonly layers = 1;
  readonly heads = 1;
  readonly encoder = null;
  readonly vocabulary: number = 1000;
  readonly parameters = 0;
  readonly dtypes = ["F32"];
  readonly unused: string[] = [];
  readonly beginning = null;
  readonly endings: number[] = [];
  readonly tokenizer = pairTokenizer;
  readonly targetTokenizer = pairTokenizer;
  readonly maximumTokens: number;
  readonly sites: Model["sites"];
  readonly batches: number[][] = [];
  readonly #activation: Required<FakeOptions>["activation"];
  /** Fails the forward passes from this one on. */
  failFrom = Number.POSITIVE_INFINITY;

  constructor(
    readonly device: Device,
    { maximumTokens = 512, width = 3, activation = fakeActivation }: FakeOptions = {},
  ) {
    this.maximumTokens = maximumTokens;
    this.#activation = activation;
    this.sites = [{ name: "layers.0.residual", width }];
  }

  async fingerprint(): Promise<string> {
    return "fake";
  }

  forward({ sequences, capture }: ForwardRequest): Forward {
    this.batches.push(sequences.map(({ length }) => length));
    const failed = this.batches.length > this.failFrom;
    const starts = Uint32Array.from({ length: sequences.length + 1 }, (_, i) =>
      sequences.slice(0, i).reduce((sum, { length }) => sum + length, 0),
    );
    this.#write(sequences, capture);
    const unsupported = async () => {
      throw new Error("a fake model predicts nothing");
    };
    return {
      tokens: starts.at(-1)!,
      starts,
      operations: 0,
      operationsOfTexts: 0,
      done: failed ? Promise.reject(new Error("the fake model failed")) : Promise.resolve(),
      captured: null,
      losses: unsupported,
      probabilities: unsupported,
      predictions: unsupported,
      logits: unsupported,
      divergences: unsupported,
      distances: unsupported,
      scores: unsupported,
      state: null,
      [Symbol.dispose]() {},
    };
  }

  #write(sequences: readonly Uint32Array[], capture: Capture | undefined): void {
    const width = this.sites[0]!.width!;
    const { buffer, row } = capture!.into!;
    const rows = sequences.flatMap((ids) => [...ids.keys()].map((position) => ({ ids, position })));
    const values = rows.flatMap(({ ids, position }) =>
      Array.from({ length: width }, (_, column) => this.#activation(ids, position, column)),
    );
    this.device.write(buffer, Float32Array.from(values), row * width * 4);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
