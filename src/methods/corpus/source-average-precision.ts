import type { ActivationSource } from "../../activations/source.js";
import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import type { Device } from "../../device/device.js";
import { type Plan, Recorder, rowsOf } from "../../device/plan.js";
import {
  type AveragePrecision,
  averagePrecisionKernel,
  finishAveragePrecision,
  labelConcepts,
} from "../../kernels/average-precision.js";
import { sortKernel } from "../../kernels/sort.js";
import { columnRuns, columnsPerPass } from "../column-runs.js";
import { rejectNanRows } from "../reject-nan.js";
import type { MethodContext } from "../result.js";

/** Bytes of sorted pairs of one batch of columns; as much again is working memory. */
const batchBytes = 16 * 2 ** 20;
/** Columns of a batch where rows are many: as many threads sort. */
const leastBatch = 4;

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
  const { rows, columns } = source;
  const batch = Math.min(columns, Math.max(leastBatch, Math.floor(batchBytes / (rows * 8))));
  const { words, positives } = labelConcepts(concepts);
  using labels = device.upload(words);
  using sizes = device.upload(positives);
  using out = device.allocate(batch * concepts.rows * 16);
  using nan = device.allocate(batch * 4);
  const pairs = new Float32Array(columns * concepts.rows * 4);
  using plan = sortAndScan(device, rows, columnsPerPass(source, device), batch, concepts.rows);
  for await (const { buffer, first, count } of columnRuns(source, device, context)) {
    for (let from = 0; from < count; from += batch) {
      context.signal?.throwIfAborted();
      const width = Math.min(batch, count - from);
      const buffers = { x: buffer, labels, positives: sizes, out, nan };
      device.submit(plan, { buffers, parameters: { from, columns: width } }).done.catch(() => {}); // see the download
      rejectNanRows(await device.download(nan, new Uint32Array(width)), source.sites, first + from);
      const start = (first + from) * concepts.rows * 4;
      await device.download(out, pairs.subarray(start, start + width * concepts.rows * 4));
      context.onProgress?.(first + from + width, columns, "average precision");
    }
  }
  return finishAveragePrecision(pairs, positives);
}

function sortAndScan(device: Device, rows: number, columns: number, batch: number, concepts: number): Plan {
  const recorder = new Recorder();
  const x = recorder.external("x", "f32", [columns, rows]);
  const sorted = recorder.temporary("u32", [batch, 2 * rows]);
  const width = recorder.parameter("columns");
  recorder.record(
    sortKernel,
    {
      x: rowsOf(x, recorder.parameter("from"), batch),
      sorted,
      spare: recorder.temporary("u32", [batch, 2 * rows]),
      nan: recorder.external("nan", "u32", [batch]),
    },
    { rows, columns: width },
  );
  recorder.record(
    averagePrecisionKernel,
    {
      sorted,
      labels: recorder.external("labels", "u32", [wordsPerRow(concepts), rows]),
      positives: recorder.external("positives", "u32", [concepts]),
      out: recorder.external("out", "f32", [batch, 4 * concepts]),
    },
    { rows, columns: width, concepts },
  );
  return device.plan(recorder);
}
