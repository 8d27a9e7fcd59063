import { type BitMatrix, wordsPerRow } from "../core/bits.js";
import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { Recorder } from "../device/plan.js";
import { rejectNan } from "./masks.js";
import { sortKernel } from "./sort.js";

/**
 * Average precision of sorted columns (`sortKernel`) for concepts, of the values and of their negatives: `out` is
 * columns × 4 · concepts, per concept positives · AP(a) and positives · AP(−a), each as a pair whose sum it is.
 * Bit b of labels[w, row] says that the row has concept 32w + b; `positives` are rows per concept.
 */
export const averagePrecisionKernel = describeKernel({
  name: "average-precision",
  operands: {
    sorted: { type: "u32", access: "read" },
    labels: { type: "u32", access: "read" },
    positives: { type: "u32", access: "read" },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", columns: "u32", concepts: "u32" },
  groups: ({ columns, concepts }) => columns * Math.ceil(concepts / 32),
  axes: { columns: { sorted: 0, out: 0 } },
});

/** Average precision of every column for every concept, columns × concepts, in [0, 1]. */
export interface AveragePrecision {
  /** Of the values: large activations should mean the concept. */
  readonly positive: Float64Array;
  /** Of their negatives: small activations should. */
  readonly negative: Float64Array;
}

/**
 * Average precision Σ (R_k − R_{k−1}) P_k of every column for every concept, in both directions, from one sort.
 * Tied values form one threshold (−0 = +0).
 *
 * @param x columns × rows: one run per column (see `transpose`)
 * @param concepts bits over the rows; each must have a positive row
 * @returns float64 accuracy on native; on a GPU within 1e-6
 * @throws ArgumentError that names row and column of a NaN, or a concept without a positive row
 */
export async function averagePrecision(
  device: Device,
  x: Float32Array,
  columns: number,
  concepts: BitMatrix,
): Promise<AveragePrecision> {
  const rows = concepts.columns;
  if (x.length !== columns * rows) throw new ArgumentError("x", `${columns} columns of ${rows} rows`, x);
  const labels = labelConcepts(concepts);
  if (columns * concepts.rows === 0) return finishAveragePrecision(new Float32Array(), labels.positives);
  const plan = new Recorder();
  const sorted = plan.external("sorted", "u32", [columns, 2 * rows]);
  const nan = plan.external("nan", "u32", [columns]);
  const out = plan.external("out", "f32", [columns, 4 * concepts.rows]);
  const spare = plan.temporary("u32", [columns, 2 * rows]);
  plan.record(sortKernel, { x: plan.external("x", "f32", [columns, rows]), sorted, spare, nan }, { rows, columns });
  const operands = {
    sorted,
    labels: plan.external("labels", "u32", [wordsPerRow(concepts.rows), rows]),
    positives: plan.external("positives", "u32", [concepts.rows]),
    out,
  };
  plan.record(averagePrecisionKernel, operands, { rows, columns, concepts: concepts.rows });

  using compiled = device.plan(plan);
  using xBuffer = device.upload(x);
  using labelBuffer = device.upload(labels.words);
  using positiveBuffer = device.upload(labels.positives);
  using sortedBuffer = device.allocate(columns * rows * 8);
  using nanBuffer = device.allocate(columns * 4);
  using outBuffer = device.allocate(columns * concepts.rows * 16);
  const buffers = {
    x: xBuffer,
    sorted: sortedBuffer,
    nan: nanBuffer,
    labels: labelBuffer,
    positives: positiveBuffer,
    out: outBuffer,
  };
  device.submit(compiled, { buffers }).done.catch(() => {}); // reported by the download
  rejectNan(await device.download(nanBuffer, new Uint32Array(columns)));
  const pairs = await device.download(outBuffer, new Float32Array(columns * concepts.rows * 4));
  return finishAveragePrecision(pairs, labels.positives);
}

/** Concepts as the kernel reads them. */
export interface ConceptLabels {
  /** ⌈concepts / 32⌉ × rows: bit b of word w of a row says whether it has concept 32w + b. */
  readonly words: Uint32Array;
  readonly positives: Uint32Array;
}

/** Turns concepts × rows bits round. @throws ArgumentError for a concept that no row has */
export function labelConcepts({ bits, rows: concepts, columns: rows }: BitMatrix): ConceptLabels {
  const words = new Uint32Array(wordsPerRow(concepts) * rows);
  const positives = new Uint32Array(concepts);
  const perConcept = wordsPerRow(rows);
  for (let i = 0; i < concepts * perConcept; i++) {
    const concept = Math.floor(i / perConcept);
    const at = (concept >>> 5) * rows + (i % perConcept) * 32;
    for (let rest = bits[i]!; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      words[at + bit]! |= 1 << (concept & 31);
      positives[concept]!++;
    }
  }
  const empty = positives.indexOf(0);
  if (empty >= 0) throw new ArgumentError(`concept ${empty}`, "at least one positive row", 0);
  return { words, positives };
}

/** Turns what the kernel wrote into average precisions. */
export function finishAveragePrecision(pairs: Float32Array, positives: Uint32Array): AveragePrecision {
  const count = pairs.length / 4;
  const positive = new Float64Array(count);
  const negative = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const rows = positives[i % positives.length]!;
    positive[i] = Math.min(1, (pairs[4 * i]! + pairs[4 * i + 1]!) / rows);
    negative[i] = Math.min(1, (pairs[4 * i + 2]! + pairs[4 * i + 3]!) / rows);
  }
  return { positive, negative };
}
