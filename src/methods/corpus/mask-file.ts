import type { ActivationSource } from "../../activations/source.js";
import { tensorFileHead } from "../../activations/tensor-file.js";
import { wordsPerRow } from "../../core/bits.js";
import { FileError } from "../../core/errors.js";
import { writeFileAtomically } from "../../core/files.js";
import { openForReading, readExactly } from "../../core/reading.js";
import type { Device } from "../../device/device.js";
import { readTensorFile, type TensorEntry, type TensorFile } from "../../model/safetensors.js";
import type { SourceMasks } from "./source-masks.js";

/*
 * A mask file is a safetensors file: one tensor of bytes per site, neurons × bytes, in which bit r % 8 of byte r / 8 says
 * whether the neuron is on in row r (numpy: unpackbits(axis=1, bitorder="little")); a neuron takes whole words of four
 * bytes. Its metadata have the number of rows, the cut, and fingerprints of model, corpus and activations.
 */

const format = "neurometry masks";

/** How masks were cut, as results name it. */
export type NamedCut = Readonly<Record<string, unknown>>;

/** Writes the masks of all neurons of a source, in one go or not at all. */
export async function writeMasks(
  path: string,
  source: ActivationSource,
  device: Device,
  { buffer, words }: SourceMasks,
  cut: NamedCut,
  signal?: AbortSignal,
): Promise<void> {
  const bits = await device.download(buffer, new Uint32Array(source.columns * words));
  const head = tensorFileHead(
    source.sites.map(({ name, width }) => ({ name, type: "U8", shape: [width, words * 4] })),
    {
      format,
      rows: String(source.rows),
      cut: JSON.stringify(cut),
      provenance: JSON.stringify(await source.provenance()),
    },
  );
  await writeFileAtomically(path, [head, new Uint8Array(bits.buffer, 0, source.columns * words * 4)], signal);
}

/**
 * Reads masks of a source's neurons onto a device, with the cut they were made by.
 *
 * @throws FileError for what is no mask file, and for masks of another corpus, model or activations, or of other sites
 */
export async function readMasks(
  path: string,
  source: ActivationSource,
  device: Device,
): Promise<SourceMasks & { readonly cut: NamedCut }> {
  const file = await readTensorFile(path);
  const cut = checkMetadata(path, file, source);
  await checkOrigin(path, file, source);
  const words = wordsPerRow(source.rows);
  const bits = new Uint32Array(source.columns * words);
  const bytes = new Uint8Array(bits.buffer);
  const opened = await openForReading(path);
  try {
    for (const { name, width, offset } of source.sites) {
      const entry = tensorOf(path, file, name, [width, words * 4]);
      const start = offset * words * 4;
      await readExactly(opened, path, bytes.subarray(start, start + entry.bytes), entry.byteOffset);
    }
  } finally {
    await opened.close();
  }
  checkTails(path, bits, source.rows);
  const buffer = device.upload(bits);
  return { buffer, words, cut, [Symbol.dispose]: () => buffer[Symbol.dispose]() };
}

function checkMetadata(path: string, { metadata }: TensorFile, { rows, name }: ActivationSource): NamedCut {
  if (metadata.format !== format)
    throw new FileError(path, "Expected masks of neurons but this is another kind of file");
  if (metadata.rows !== String(rows)) {
    throw new FileError(path, `Expected masks of the ${rows} rows of ${name} but these are of ${metadata.rows}`);
  }
  return parseRecord(path, metadata.cut);
}

/** Masks belong to what they were made of. */
async function checkOrigin(path: string, { metadata }: TensorFile, source: ActivationSource): Promise<void> {
  const theirs = parseRecord(path, metadata.provenance);
  const ours = await source.provenance();
  for (const what of ["corpus", "model", "activations"] as const) {
    const both = theirs[what] !== null && ours[what] !== null;
    if (both && theirs[what] !== ours[what]) {
      const other = what === "activations" ? "other activations" : `another ${what}`;
      throw new FileError(path, `Expected masks of ${source.name} but these are of ${other}`);
    }
  }
}

function tensorOf(path: string, { tensors }: TensorFile, site: string, shape: readonly number[]): TensorEntry {
  const found = tensors.get(site);
  if (!found)
    throw new FileError(path, `Expected masks of ${site} but found those of ${[...tensors.keys()].join(", ")}`);
  if (found.type === "U8" && found.shape.join() === shape.join()) return found;
  const form = (type: string, sizes: readonly number[]) => `${type} (${sizes.join(", ")})`;
  throw new FileError(path, `Expected ${site} as ${form("U8", shape)} but found ${form(found.type, found.shape)}`);
}

function checkTails(path: string, bits: Uint32Array, rows: number): void {
  if (rows % 32 === 0) return;
  const words = wordsPerRow(rows);
  for (let last = words - 1; last < bits.length; last += words) {
    if (bits[last]! >>> (rows % 32) !== 0) throw new FileError(path, `Expected no bit beyond the ${rows} rows`);
  }
}

function parseRecord(path: string, text: string | undefined): Record<string, unknown> {
  try {
    return Object(JSON.parse(text ?? "")) as Record<string, unknown>;
  } catch (cause) {
    throw new FileError(path, "Expected masks with their origin but it cannot be parsed", undefined, { cause });
  }
}
