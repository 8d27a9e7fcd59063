import { rowsOf } from "../../activations/neuron-values.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { type Concept, classesOf } from "../../corpus/concepts.js";
import type { RowTable } from "../../corpus/rows.js";
import type { Device } from "../../device/device.js";
import { checkOptions } from "../check-options.js";
import { onDevice } from "../method-device.js";
import type { MethodContext } from "../result.js";
import { kMeans } from "../unsupervised/k-means.js";

/** What is typical of a cluster, with its normalised pointwise mutual information: 1 where one never is without the other. */
export interface Typical {
  readonly value: string;
  readonly npmi: number;
}

/** A cluster of rows, proposed as a concept. */
export interface ProposedConcept {
  /** Its number, its most typical words and its most typical tag: `12:could-can-AUX`. */
  readonly label: string;
  readonly rows: number;
  readonly words: readonly Typical[];
  readonly tags: readonly Typical[];
}

/** Concepts of a model's own. */
export interface ProposedConcepts {
  readonly clusters: readonly ProposedConcept[];
  /** The label of every row, as `--labels` reads it. */
  readonly labels: readonly string[];
  /** The same as a concept that every method takes. */
  readonly concept: Concept;
  /** Mean squared distance of rows from their centers, as a share of their mean squared distance from the mean of all. */
  readonly spread: number;
}

export interface ProposeOptions {
  /** How many clusters (default 50). */
  readonly clusters?: number;
  /** Beginnings of k-means (default 3). */
  readonly restarts?: number;
  readonly device?: Device;
  readonly seed?: number;
}

/** Words and tags that are told of a cluster, and words that name it. */
const [wordsTold, tagsTold, wordsNamed] = [10, 3, 2];

/**
 * Proposes concepts that are the model's own: k-means over its rows, every neuron in standard deviations from its mean, and each
 * cluster named by its most typical words and tag (`upos`, else `xpos`), by NPMI = log(p(c, g) / (p(c) p(g))) / −log p(c, g). Rows are in memory.
 *
 * @throws ArgumentError for rows without texts, more clusters than rows, a number that is not finite, more than 4 GiB
 */
export async function proposeConcepts(
  source: ActivationSource,
  options: ProposeOptions = {},
  context: MethodContext = {},
): Promise<ProposedConcepts> {
  checkOptions("proposeConcepts", options, ["clusters", "restarts"]);
  const { clusters = 50, restarts = 3, seed = 0 } = options;
  const { table, columns } = source;
  if (!table) throw new ArgumentError("source", "rows with texts (--corpus FILE --rows word)", source.name);
  const { values } = await rowsOf(source, context);
  const total = standardise(values, columns);
  if (!Number.isFinite(total)) throw new ArgumentError("source", "finite activations", source.name);
  return await onDevice(options.device ?? source.device, async (device) => {
    const { labels, inertia } = await kMeans(device, values, columns, { clusters, restarts, seed, ...context });
    const described = describeClusters(labels, clusters, table);
    const names = Array.from(labels, (label) => described[label]!.label);
    return {
      clusters: described,
      labels: names,
      concept: classesOf({ key: "cluster", value: null }, names),
      spread: total === 0 ? 0 : inertia / total,
    };
  });
}

/** Puts every column to mean 0 and deviation 1, in place; a constant one to 0. @returns the sum of all squares */
function standardise(values: Float32Array, columns: number): number {
  const rows = values.length / columns;
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  values.forEach((value, i) => {
    sums[i % columns]! += value;
  });
  values.forEach((value, i) => {
    squares[i % columns]! += (value - sums[i % columns]! / rows) ** 2;
  });
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const column = i % columns;
    const deviation = Math.sqrt(squares[column]! / rows);
    values[i] = deviation === 0 ? 0 : (values[i]! - sums[column]! / rows) / deviation;
    total += values[i]! ** 2;
  }
  return total;
}

function describeClusters(labels: Int32Array, clusters: number, table: RowTable): ProposedConcept[] {
  const tag = ["upos", "xpos"].find((key) => table.keys.includes(key));
  const words = typicalOf(labels, clusters, table.kind === "sentence" ? [] : table.text, wordsTold);
  const tags = typicalOf(labels, clusters, tag === undefined ? [] : table.column(tag), tagsTold);
  return Array.from({ length: clusters }, (_, cluster) => {
    const name = [...words[cluster]!.slice(0, wordsNamed), ...tags[cluster]!.slice(0, 1)].map(({ value }) => value);
    const rows = labels.reduce((sum, label) => sum + (label === cluster ? 1 : 0), 0);
    const label = name.length > 0 ? `${cluster}:${name.join("-").replace(/\s+/g, "_")}` : String(cluster);
    return { label, rows, words: words[cluster]!, tags: tags[cluster]! };
  });
}

/** The values of the largest NPMI with each cluster; ties go to the more frequent, then to the earlier one. */
function typicalOf(labels: Int32Array, clusters: number, cells: ReturnType<RowTable["column"]>, most: number) {
  const counts = new Map<string, Uint32Array>();
  const sizes = new Uint32Array(clusters);
  for (const label of labels) sizes[label]!++;
  cells.forEach((cell, row) => {
    for (const value of [cell ?? []].flat()) {
      const own = counts.get(value) ?? new Uint32Array(clusters);
      own[labels[row]!]!++;
      counts.set(value, own);
    }
  });
  const found = Array.from({ length: clusters }, (): (Typical & { readonly count: number })[] => []);
  const rows = labels.length;
  for (const [value, own] of counts) {
    const all = own.reduce((sum, count) => sum + count, 0);
    own.forEach((count, cluster) => {
      if (count === 0) return;
      const both = count / rows;
      const npmi = both === 1 ? 1 : Math.log((both * rows * rows) / (all * sizes[cluster]!)) / -Math.log(both);
      if (npmi > 0) found[cluster]!.push({ value, npmi, count });
    });
  }
  return found.map((typical) => {
    typical.sort((a, b) => b.npmi - a.npmi || b.count - a.count);
    return typical.slice(0, most).map(({ value, npmi }): Typical => ({ value, npmi }));
  });
}
