import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { neuronName } from "../../core/sites.js";
import type { RowTable } from "../../corpus/rows.js";
import type { MethodContext } from "../result.js";
import { furtherParts } from "./further-parts.js";

/** One row of a strip. */
export interface StripToken {
  readonly row: number;
  /** Empty for a further part of the character before it, such as its second byte. */
  readonly text: string;
  readonly value: number;
  /** Standard deviations from the neuron's mean, divided by the largest such number of all rows: −1 … 1. */
  readonly shade: number;
  /** A token before which the text has a space that no token holds. */
  readonly spaceBefore?: true;
}

/** A sentence as one neuron sees it. */
export interface StripSentence {
  readonly sentence: number;
  readonly tokens: readonly StripToken[];
}

/** A neuron over sentences: sign is colour, size is opacity (Dalvi et al. 2019, NeuroX). */
export interface Strip {
  readonly neuron: string;
  readonly column: number;
  readonly kind: RowTable["kind"];
  readonly sentences: readonly StripSentence[];
}

export interface StripOptions {
  /** The neurons to show. */
  readonly columns: readonly number[];
  /** How many sentences each: those with its largest activations (5), or with its smallest for a negative sign; or which. */
  readonly sentences?: number | readonly number[];
  /** Per neuron of `columns`: 1 for the sentences of its largest activations, −1 for those of its smallest. */
  readonly signs?: readonly number[];
}

/**
 * Shades of neurons over given sentences, or those on which they are strongest, in one pass over the source.
 *
 * shade = (a − mean) / max |a − mean| over all rows: the standard deviation cancels. 0 where a neuron is constant.
 * Memory: rows × chosen neurons.
 *
 * @throws ArgumentError for a source without a table of rows, and for a column or a sentence it does not have
 */
export async function strips(
  source: ActivationSource,
  options: StripOptions,
  { signal, onProgress }: MethodContext = {},
): Promise<Strip[]> {
  const { table } = source;
  if (!table) throw new ArgumentError("source", "rows with texts for activation strips", source.name);
  const wrong = options.columns.find((column) => !Number.isInteger(column) || column < 0 || column >= source.columns);
  if (wrong !== undefined) throw new ArgumentError("column", `a whole number below ${source.columns}`, wrong);
  const { sentences: wanted = 5 } = options;
  if (typeof wanted !== "number") checkSentences(table, wanted);
  const values = options.columns.map(() => new Float32Array(source.rows));
  for await (const block of source.blocks(signal ? { signal } : {})) {
    const numbers = await block.values();
    options.columns.forEach((column, i) => {
      for (let row = 0; row < block.rows; row++) {
        values[i]![block.firstRow + row] = numbers[row * source.columns + column]!;
      }
    });
    onProgress?.(block.firstRow + block.rows, source.rows, "rows");
  }
  return options.columns.map((column, i) => {
    const sentences =
      typeof wanted === "number" ? strongest(table, values[i]!, options.signs?.[i] ?? 1, wanted) : wanted;
    return { ...shade(table, values[i]!, sentences), neuron: neuronName(source.sites, column), column };
  });
}

function checkSentences(table: RowTable, sentences: readonly number[]): void {
  const known = new Set(table.sentence);
  const stranger = sentences.find((sentence) => !known.has(sentence));
  if (stranger === undefined) return;
  const last = table.sentence.reduce((most, sentence) => Math.max(most, sentence), 0);
  throw new ArgumentError("sentences", `sentences with rows, of 0 to ${last}`, stranger);
}

/** The sentences with the largest activations, or the smallest for a negative sign; ties go to the earlier sentence. */
function strongest(table: RowTable, values: Float32Array, sign: number, count: number): number[] {
  const best = new Map<number, number>();
  for (let row = 0; row < table.rows; row++) {
    const value = values[row]! * (sign < 0 ? -1 : 1);
    const sentence = table.sentence[row]!;
    if (value > (best.get(sentence) ?? Number.NEGATIVE_INFINITY)) best.set(sentence, value);
  }
  return [...best]
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, count)
    .map(([sentence]) => sentence);
}

/** All rows of the chosen sentences with their shades. */
function shade(table: RowTable, values: Float32Array, chosen: readonly number[]): Pick<Strip, "kind" | "sentences"> {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  const spaced = spacesBefore(table);
  const isPart = furtherParts(table);
  const tokens = new Map<number, StripToken[]>(chosen.map((sentence) => [sentence, []]));
  for (let row = 0; row < table.rows; row++) {
    const value = values[row]!;
    const shade = largest === 0 ? 0 : (value - mean) / largest;
    const space = spaced(row) && { spaceBefore: true as const };
    tokens.get(table.sentence[row]!)?.push({ row, text: isPart(row) ? "" : table.text[row]!, value, shade, ...space });
  }
  return { kind: table.kind, sentences: chosen.map((sentence) => ({ sentence, tokens: tokens.get(sentence)! })) };
}

/**
 * Where tokens hold no spaces, one stands between a token that ends a word and the next; it is asked for row by row.
 */
function spacesBefore(table: RowTable): (row: number) => boolean {
  if (table.kind !== "token" || !table.keys.includes("form") || table.text.some((text) => /\s/.test(text))) {
    return () => false;
  }
  const forms = table.column("form");
  let read = "";
  return (row) => {
    const begins = row === 0 || table.sentence[row] !== table.sentence[row - 1];
    const ended = !begins && read === forms[row - 1];
    read = begins || ended ? table.text[row]! : read + table.text[row]!;
    return ended;
  };
}
