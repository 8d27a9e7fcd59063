import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import { fileError, partialPath, writeWhole } from "../../core/files.js";
import { npyHeader } from "../../core/npy.js";
import type { MeasuredSpan } from "./measure.js";
import { damage, type MetricName } from "./metric.js";
import type { MeasuredSentences } from "./sentence-sums.js";

/** Where the damage of every unit to every sentence is. */
export interface SentenceDamage {
  /** A `.npy` beside the result, `<f4`: sentences × units, the damage to the sentence's own mean. */
  readonly file: string;
  /** The sentences of its rows, by their numbers in the corpus. */
  readonly sentences: Uint32Array;
  /** How many values the mean of each is over. */
  readonly counts: Uint32Array;
}

/**
 * Writes the damage of every unit to every sentence as a sweep goes on: sentences × units, so that units are columns as
 * neurons are in activations. Sentences without a value of the metric have no row.
 */
export class SentenceDamageFile {
  #file: FileHandle | null = null;
  #header = 0;

  constructor(
    readonly path: string,
    readonly units: number,
    readonly metric: MetricName,
  ) {}

  /** Adds the columns of a span. @throws FileError where they cannot be written */
  async take({ numbers, own, untouched }: MeasuredSpan): Promise<void> {
    const { sentences } = own;
    const width = sentences.ids.length;
    try {
      const file = await this.#open(sentences);
      for (const [row, place] of measuredPlaces(sentences).entries()) {
        const [count, before] = [sentences.counts[place]!, untouched.sums[place]!];
        const damageOf = (i: number) => damage(this.metric, before, own.sums[i * width + place]!) / count;
        const values = Float32Array.from(numbers.keys(), damageOf);
        for (const [from, to] of runsOf(numbers)) {
          const run = values.subarray(from, to);
          const at = this.#header + 4 * (row * this.units + numbers[from]!);
          await writeWhole(file, new Uint8Array(run.buffer, run.byteOffset, run.byteLength), at);
        }
      }
    } catch (error) {
      throw fileError(this.path, error, "written");
    }
  }

  /** Gives the file its name. */
  async finish(sentences: MeasuredSentences): Promise<SentenceDamage> {
    await this.#file?.close();
    this.#file = null;
    await rename(partialPath(this.path), this.path);
    const places = measuredPlaces(sentences);
    return {
      file: basename(this.path),
      sentences: Uint32Array.from(places, (place) => sentences.ids[place]!),
      counts: Uint32Array.from(places, (place) => sentences.counts[place]!),
    };
  }

  /** Takes away what is not finished: a sweep that goes on writes it anew. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#file) return;
    await this.#file.close();
    await rm(partialPath(this.path), { force: true });
  }

  async #open(sentences: MeasuredSentences): Promise<FileHandle> {
    if (this.#file) return this.#file;
    const header = npyHeader("f4", [measuredPlaces(sentences).length, this.units]);
    this.#header = header.length;
    this.#file = await open(partialPath(this.path), "w");
    await writeWhole(this.#file, header, 0);
    return this.#file;
  }
}

function measuredPlaces({ counts }: MeasuredSentences): number[] {
  return [...counts.keys()].filter((place) => counts[place]! > 0);
}

/** Start and end of the runs of numbers that follow each other. */
function runsOf(numbers: Uint32Array): [number, number][] {
  const starts = [...numbers.keys()].filter((i) => i === 0 || numbers[i] !== numbers[i - 1]! + 1);
  return starts.map((start, i) => [start, starts[i + 1] ?? numbers.length]);
}
