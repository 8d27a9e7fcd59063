import { open } from "node:fs/promises";
import type { File as Hdf5File } from "h5wasm/node";
import { ArgumentError } from "../core/errors.js";
import { writeAtomically } from "../core/files.js";
import { SENTENCES, type Shape, transpose } from "./neurox-hdf5.js";
import { residualLayers } from "./neurox-rows.js";
import { type SentenceRows, sentencesOf } from "./sentences.js";
import type { ActivationSource } from "./source.js";

/** Writes residual sites as NeuroX's HDF5, float32. @throws ArgumentError for other sites */
export async function writeNeuroxHdf5(path: string, source: ActivationSource, signal?: AbortSignal): Promise<void> {
  const layers = residualLayers(source.sites);
  const { File, ready } = await import("h5wasm/node");
  await ready;
  await writeAtomically(path, async (partial) => {
    await openForWriting(partial);
    const file = new File(partial, "w");
    try {
      const index = new Map<string, number>();
      for await (const sentence of sentencesOf(source, signal)) {
        signal?.throwIfAborted();
        writeSentence(file, sentence, layers.length, source.columns);
        index.set(occurrence(sentence.text.join(" "), index), sentence.index);
      }
      file.create_dataset({
        name: SENTENCES,
        data: [indexText(index)],
        shape: [1],
        dtype: "S",
      });
      file.create_attribute("layers", layers.join(","));
    } finally {
      file.close();
    }
  });
}

/** HDF5 prints its own errors, so that the path is tried before. */
async function openForWriting(path: string): Promise<void> {
  await (await open(path, "w")).close();
}

function writeSentence(file: Hdf5File, { index, text, values }: SentenceRows, layers: number, columns: number): void {
  const shape: Shape = [text.length, layers, columns / layers];
  const data = transpose(values, shape);
  const made = file.create_dataset({ name: String(index), data, shape: [layers, text.length, shape[2]], dtype: "<f" });
  if (!made) throw new ArgumentError("sentence", "a dataset that HDF5 can write", index);
}

/** A sentence that was there before is marked as NeuroX does. */
function occurrence(sentence: string, index: ReadonlyMap<string, number>): string {
  let name = sentence;
  for (let count = 2; index.has(name); count++) name = `${sentence} (Occurrence ${count})`;
  return name;
}

/** As JSON in the order of the sentences: an object would put a sentence such as `1984` first. */
function indexText(index: ReadonlyMap<string, number>): string {
  return `{${[...index].map(([sentence, number]) => `${JSON.stringify(sentence)}: "${number}"`).join(", ")}}`;
}
