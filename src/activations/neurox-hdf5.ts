import type { File as Hdf5File } from "h5wasm/node";
import { FileError } from "../core/errors.js";
import type { RowTable } from "../corpus/rows.js";
import { FileSource } from "./file-source.js";
import { openHdf5, readFloats, withHdf5 } from "./hdf5-file.js";
import { layerSites, SentenceReader, startsOf, wordTable } from "./neurox-rows.js";

/**
 * NeuroX's HDF5: one dataset per sentence, `0` …, layers × tokens × width, and `sentence_to_index`, one string of JSON
 * that maps sentences (words joined by spaces; repeated ones end in ` (Occurrence 2)`) to the names of their datasets.
 * What we write also names its layers, in the file's attribute `layers`.
 */
/** The name of the dataset that lists the sentences. */
export const SENTENCES = "sentence_to_index";

/**
 * A NeuroX HDF5 file as a source: layer i is the site `layers.i.residual`. It has a table of words where every sentence
 * splits at its spaces into as many words as it has rows.
 *
 * @throws FileError if it is no HDF5 file, not what NeuroX writes, or its layers change
 */
export async function openNeuroxHdf5(path: string, table: RowTable | null = null): Promise<FileSource> {
  const sentences = await withHdf5(path, (file) => readSentences(path, file));
  const shapes = sentences.map(({ shape }) => shape);
  const [layers, , width] = shapes[0]!;
  const names = await withHdf5(path, (file) => layerNumbers(file, layers));
  const starts = startsOf(shapes.map(([, tokens]) => tokens));
  const words = sentences.map(({ text }) => text.replace(/ \(Occurrence \d+\)$/, "").split(" "));
  const split = words.every((list, i) => list.length === shapes[i]![1]);
  const open = async () => {
    const file = await openHdf5(path);
    const load = async (i: number) => transpose(await readFloats(path, file, sentences[i]!.name), shapes[i]!);
    return new SentenceReader(starts, layers * width, load, async () => void file.close());
  };
  const sites = layerSites(names, width);
  return new FileSource({ path, rows: starts.at(-1)!, sites, table: table ?? (split ? wordTable(words) : null), open });
}

/** Of a sentence's dataset. */
export type Shape = readonly [layers: number, tokens: number, width: number];

interface StoredSentence {
  readonly text: string;
  /** Of its dataset. */
  readonly name: string;
  readonly shape: Shape;
}

/** The sentences in the order of their numbers, which is that of the corpus. */
function readSentences(path: string, file: Hdf5File): StoredSentence[] {
  const index = parseIndex(path, file);
  if (index.length === 0) throw new FileError(path, "is empty: it holds no sentence");
  const first = shapeOf(path, file, index[0]![1], null);
  return index.map(([text, name]) => ({ text, name, shape: shapeOf(path, file, name, first) }));
}

function parseIndex(path: string, file: Hdf5File): [text: string, name: string][] {
  const dataset = file.get(SENTENCES);
  const value = dataset && "value" in dataset ? dataset.value : null;
  const text = Array.isArray(value) ? value[0] : value;
  if (typeof text !== "string") throw new FileError(path, `is not a NeuroX file: it has no text ${SENTENCES}`);
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const named = entries.map(([sentence, name]): [string, string] => [sentence, String(name)]);
    return named.sort(([, a], [, b]) => Number(a) - Number(b));
  } catch (error) {
    throw new FileError(path, `expected JSON in ${SENTENCES} but it cannot be parsed`, undefined, { cause: error });
  }
}

function shapeOf(path: string, file: Hdf5File, name: string, first: Shape | null): Shape {
  const dataset = file.get(name);
  const shape = dataset && "shape" in dataset ? dataset.shape : null;
  if (!shape) throw new FileError(path, `expected a dataset ${name} as ${SENTENCES} says but there is none`);
  const [layers, tokens, width] = shape;
  if (shape.length !== 3 || !layers || !tokens || !width) {
    throw new FileError(
      path,
      `expected layers × tokens × width for dataset ${name} but its shape is (${shape.join(", ")})`,
    );
  }
  if (first && (layers !== first[0] || width !== first[2])) {
    const problem = `expected ${first[0]} layers of ${first[2]} for dataset ${name} but it has ${layers} of ${width}`;
    throw new FileError(path, problem);
  }
  return [layers, tokens, width];
}

function layerNumbers(file: Hdf5File, layers: number): number[] {
  const own = file.attrs.layers?.value;
  const numbers = typeof own === "string" ? own.split(",").map(Number) : [];
  return numbers.length === layers && numbers.every(Number.isInteger)
    ? numbers
    : Array.from({ length: layers }, (_, i) => i);
}

/** Swaps the first two dimensions: layers × tokens × width to tokens × (layers · width), and back. */
export function transpose(values: Float32Array, [layers, tokens, width]: Shape): Float32Array {
  const rows = new Float32Array(values.length);
  for (let layer = 0; layer < layers; layer++) {
    for (let token = 0; token < tokens; token++) {
      const from = (layer * tokens + token) * width;
      rows.set(values.subarray(from, from + width), (token * layers + layer) * width);
    }
  }
  return rows;
}
