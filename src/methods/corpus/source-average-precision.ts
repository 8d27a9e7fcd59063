import type { ActivationSource } from "../../activations/source.js";
import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import type { Device } from "../../device/device.js";
import { type Plan, Recorder } from "../../device/plan.js";
import {
  type AveragePrecision,
  averagePrecisionKernel,
  finishAveragePrecision,
  labelConcepts,
} from "../../kernels/average-precision.js";
import type { MethodContext } from "../result.js";
import { ResponseScan, type Responses } from "./concept-responses.js";
import { type SortedRun, sortedBatch, sortedColumns } from "./sorted-columns.js";

/**
 * Average precision of every neuron of a source for every concept, both directions.
 *
 * @returns columns × concepts
 */
export async function sourceAveragePrecision(
  source: ActivationSource,
  device: Device,
  concepts: BitMatrix,
  context: MethodContext,
): Promise<AveragePrecision> {
  return await scanColumns(source, device, concepts, context, () => {});
}

/** The same, and how the neurons respond to rows of every concept and to the others, from the same sort. */
export async function sourceExperts(
  source: ActivationSource,
  device: Device,
  concepts: BitMatrix,
  context: MethodContext,
): Promise<AveragePrecision & { readonly responses: Responses }> {
  const scan = new ResponseScan(source.columns, concepts);
  const precision = await scanColumns(source, device, concepts, context, async (run) =>
    scan.add(run.first, await run.pairs()),
  );
  return { ...precision, responses: scan.finish() };
}

async function scanColumns(
  source: ActivationSource,
  device: Device,
  concepts: BitMatrix,
  context: MethodContext,
  see: (run: SortedRun) => void | Promise<void>,
): Promise<AveragePrecision> {
  const { rows, columns } = source;
  const { words, positives } = labelConcepts(concepts);
  const batch = sortedBatch(source);
  using labels = device.upload(words);
  using sizes = device.upload(positives);
  using out = device.allocate(batch * concepts.rows * 16);
  using plan = scanPlan(device, rows, batch, concepts.rows);
  const pairs = new Float32Array(columns * concepts.rows * 4);
  for await (const run of sortedColumns(source, device, "average precision", context)) {
    const buffers = { sorted: run.buffer, labels, positives: sizes, out };
    device.submit(plan, { buffers, parameters: { columns: run.count } }).done.catch(() => {}); // see the download
    const start = run.first * concepts.rows * 4;
    await device.download(out, pairs.subarray(start, start + run.count * concepts.rows * 4));
    await see(run);
  }
  return finishAveragePrecision(pairs, positives);
}

function scanPlan(device: Device, rows: number, batch: number, concepts: number): Plan {
  const recorder = new Recorder();
  recorder.record(
    averagePrecisionKernel,
    {
      sorted: recorder.external("sorted", "u32", [batch, 2 * rows]),
      labels: recorder.external("labels", "u32", [wordsPerRow(concepts), rows]),
      positives: recorder.external("positives", "u32", [concepts]),
      out: recorder.external("out", "f32", [batch, 4 * concepts]),
    },
    { rows, columns: recorder.parameter("columns"), concepts },
  );
  return device.plan(recorder);
}
