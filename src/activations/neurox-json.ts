import { createReadStream } from "node:fs";
import { FileError } from "../core/errors.js";
import { writeFileAtomically } from "../core/files.js";
import { expectBytes, openForReading, readExactly } from "../core/reading.js";
import type { RowTable } from "../corpus/rows.js";
import { FileSource } from "./file-source.js";
import { layerSites, residualLayers, SentenceReader, startsOf, wordTable } from "./neurox-rows.js";
import type { RowReader } from "./row-reader.js";
import { type SentenceRows, sentencesOf } from "./sentences.js";
import type { ActivationSource } from "./source.js";

/**
 * NeuroX's JSON: one line per sentence,
 * `{"linex_index": 0, "features": [{"token": "law", "layers": [{"index": 0, "values": [0.1, …]}, …]}, …]}`.
 */
interface Line {
  readonly features: readonly Feature[];
}

interface Feature {
  readonly token: string;
  readonly layers: readonly { readonly index: number; readonly values: readonly number[] }[];
}

/** Where a line stands in its file. */
interface Place {
  readonly number: number;
  readonly byteOffset: number;
  readonly bytes: number;
}

/**
 * A NeuroX JSON file as a source: layer i is the site `layers.i.residual`, its rows are its tokens.
 *
 * @throws FileError that names the line if it is not what NeuroX writes, or its layers change
 */
export async function openNeuroxJson(path: string, table: RowTable | null = null): Promise<FileSource> {
  const places: Place[] = [];
  const sentences: string[][] = [];
  let layout: { readonly layers: readonly number[]; readonly width: number } | null = null;
  for await (const { place, text } of linesOf(path)) {
    const { features } = parseLine(path, place, text);
    for (const feature of features) layout = checkLayers(path, place, feature, layout);
    places.push(place);
    sentences.push(features.map(({ token }) => token));
  }
  if (!layout) throw new FileError(path, "is empty: expected one line of JSON per sentence");
  const starts = startsOf(sentences.map((words) => words.length));
  const sites = layerSites(layout.layers, layout.width);
  const columns = sites.length * layout.width;
  const open = () => openReader(path, places, starts, columns);
  return new FileSource({ path, rows: starts.at(-1)!, sites, table: table ?? wordTable(sentences), open });
}

/** Writes residual sites as NeuroX's JSON, with enough digits for every float32. @throws ArgumentError for other sites */
export async function writeNeuroxJson(path: string, source: ActivationSource, signal?: AbortSignal): Promise<void> {
  const layers = residualLayers(source.sites);
  const width = source.sites[0]?.width ?? 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const sentence of sentencesOf(source, signal)) yield* linePieces(sentence, layers, width);
  }
  await writeFileAtomically(path, lines(), signal);
}

function* linePieces(
  { index, text, values }: SentenceRows,
  layers: readonly number[],
  width: number,
): Generator<string> {
  yield `{"linex_index": ${index}, "features": [`;
  for (let row = 0; row < text.length; row++) {
    const parts = layers.map((layer, i) => {
      const start = (row * layers.length + i) * width;
      const numbers = Array.from(values.subarray(start, start + width), (value) => Number(value.toPrecision(9)));
      return `{"index": ${layer}, "values": [${numbers.join(", ")}]}`;
    });
    yield `${row === 0 ? "" : ", "}{"token": ${JSON.stringify(text[row])}, "layers": [${parts.join(", ")}]}`;
  }
  yield "]}\n";
}

async function openReader(
  path: string,
  places: readonly Place[],
  starts: Uint32Array,
  columns: number,
): Promise<RowReader> {
  const last = places.at(-1)!;
  await expectBytes(path, last.byteOffset + last.bytes);
  const file = await openForReading(path);
  const load = async (sentence: number): Promise<Float32Array> => {
    const place = places[sentence]!;
    const bytes = new Uint8Array(place.bytes);
    await readExactly(file, path, bytes, place.byteOffset);
    const { features } = parseLine(path, place, new TextDecoder().decode(bytes));
    const values = new Float32Array(features.length * columns);
    features.forEach(({ layers }, row) => {
      values.set(
        layers.flatMap(({ values }) => values),
        row * columns,
      );
    });
    return values;
  };
  return new SentenceReader(starts, columns, load, () => file.close());
}

/** The lines of a file that are not blank, in pieces: a line may be many megabytes, a file many gigabytes. */
async function* linesOf(path: string): AsyncGenerator<{ readonly place: Place; readonly text: string }> {
  await expectBytes(path, 0);
  let pieces: Buffer[] = [];
  let number = 1;
  let byteOffset = 0;
  const take = function* () {
    const line = Buffer.concat(pieces);
    const text = line.toString("utf8");
    if (text.trim() !== "") yield { place: { number, byteOffset, bytes: line.length }, text };
    byteOffset += line.length + 1;
    number++;
    pieces = [];
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10, start); end >= 0; end = chunk.indexOf(10, start)) {
      pieces.push(chunk.subarray(start, end));
      yield* take();
      start = end + 1;
    }
    pieces.push(chunk.subarray(start));
  }
  yield* take();
}

function parseLine(path: string, { number }: Place, text: string): Line {
  const where = `line ${number}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FileError(path, "expected one sentence as JSON but it cannot be parsed", where, { cause: error });
  }
  const { features } = (value ?? {}) as Partial<Line>;
  if (!Array.isArray(features)) throw new FileError(path, 'expected a sentence with "features"', where);
  if (!features.every(isFeature))
    throw new FileError(path, 'expected features with "token" and "layers" of numbers', where);
  return { features };
}

function isFeature(value: unknown): value is Feature {
  const { token, layers } = (value ?? {}) as Partial<Feature>;
  if (typeof token !== "string" || !Array.isArray(layers) || layers.length === 0) return false;
  return layers.every(
    ({ index, values }) =>
      Number.isInteger(index) && Array.isArray(values) && values.every((number) => typeof number === "number"),
  );
}

function checkLayers(
  path: string,
  { number }: Place,
  { token, layers }: Feature,
  layout: { readonly layers: readonly number[]; readonly width: number } | null,
): { readonly layers: readonly number[]; readonly width: number } {
  const width = layout?.width ?? layers[0]!.values.length;
  const expected = layout?.layers ?? layers.map(({ index }) => index);
  const same = layers.length === expected.length && layers.every(({ index }, i) => index === expected[i]);
  const odd = layers.find(({ values }) => values.length !== width);
  if (same && !odd && width > 0) return { layers: expected, width };
  const received = odd
    ? `${odd.values.length} values in layer ${odd.index}`
    : `layers ${layers.map(({ index }) => index)}`;
  const problem = `expected layers ${expected.join(", ")} of ${width} values for token "${token}" but it has ${received}`;
  throw new FileError(path, problem, `line ${number}`);
}
