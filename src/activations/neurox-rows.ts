import { ArgumentError } from "../core/errors.js";
import { fingerprint } from "../core/sha256.js";
import type { Site } from "../core/sites.js";
import { checkKnown } from "../core/suggest.js";
import type { RowTable } from "../corpus/rows.js";
import type { RowReader } from "./row-reader.js";

/** The rows of sentences that are stored one by one, each loaded whole. */
export class SentenceReader implements RowReader {
  #loaded: { readonly sentence: number; readonly values: Float32Array } | null = null;

  /**
   * @param starts sentences + 1 numbers: the row at which each starts
   * @param load the rows × columns of one sentence
   */
  constructor(
    readonly starts: Uint32Array,
    readonly columns: number,
    readonly load: (sentence: number) => Promise<Float32Array>,
    readonly close: () => Promise<void>,
  ) {}

  async read(firstRow: number, into: Float32Array): Promise<void> {
    const rows = into.length / this.columns;
    for (let done = 0; done < rows; ) {
      const row = firstRow + done;
      const sentence = sentenceOf(this.starts, row);
      const values = await this.#values(sentence);
      const skipped = row - this.starts[sentence]!;
      const count = Math.min(rows - done, this.starts[sentence + 1]! - row);
      into.set(values.subarray(skipped * this.columns, (skipped + count) * this.columns), done * this.columns);
      done += count;
    }
  }

  region(): null {
    return null;
  }

  async #values(sentence: number): Promise<Float32Array> {
    if (this.#loaded?.sentence === sentence) return this.#loaded.values;
    const values = await this.load(sentence);
    this.#loaded = { sentence, values };
    return values;
  }
}

/** Where each sentence starts, and where the last ends. */
export function startsOf(lengths: readonly number[]): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    starts[i + 1] = starts[i]! + length;
  });
  return starts;
}

/**
 * The table of a file that knows its words and nothing else: the annotation `form` is the word itself, and the
 * fingerprint is that of the sentences as lines of words joined by spaces.
 */
export function wordTable(sentences: readonly (readonly string[])[]): RowTable {
  const text = sentences.flat();
  const sentence = Uint32Array.from(sentences.flatMap((words, i) => words.map(() => i)));
  const position = Uint32Array.from(sentences.flatMap((words) => words.map((_, i) => i)));
  const column = (key: string) => (checkKnown("key", key, ["form"]) ? text : []);
  const lines = sentences.map((words) => `${words.join(" ")}\n`).join("");
  return {
    kind: "word",
    rows: text.length,
    sentence,
    position,
    text,
    keys: ["form"],
    column,
    fingerprint: fingerprint(lines),
  };
}

/** NeuroX numbers layers and names no component: layer i is the site `layers.i.residual`. */
export function layerSites(layers: readonly number[], width: number): Site[] {
  return layers.map((layer, i) => ({ name: `layers.${layer}.residual`, width, offset: i * width }));
}

/** The layers of residual sites. @throws ArgumentError for any other site: NeuroX cannot name it */
export function residualLayers(sites: readonly Site[]): number[] {
  return sites.map(({ name, width }) => {
    const layer = /^layers\.(\d+)\.residual$/.exec(name)?.[1];
    if (layer === undefined) throw new ArgumentError("sites", "only layers.N.residual for a NeuroX file", name);
    if (width !== sites[0]?.width) throw new ArgumentError("sites", "sites of one width for a NeuroX file", name);
    return Number(layer);
  });
}

function sentenceOf(starts: Uint32Array, row: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
