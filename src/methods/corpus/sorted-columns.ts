import type { ActivationSource } from "../../activations/source.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { Recorder, rowsOf } from "../../device/plan.js";
import { sortKernel } from "../../kernels/sort.js";
import { columnRuns, columnsPerPass } from "../column-runs.js";
import { rejectNanRows } from "../reject-nan.js";
import type { MethodContext } from "../result.js";

/** Some columns of a source on a device, each with its rows by descending value. */
export interface SortedRun {
  readonly first: number;
  readonly count: number;
  /** `batch` × 2 · rows, of which `count` are sorted: pairs (row, key) as `sortKernel` writes them. */
  readonly buffer: DeviceBuffer;
  /** The pairs of `count` columns on the host. */
  pairs(): Promise<Uint32Array>;
}

/** Bytes of sorted pairs of one batch of columns; as much again is working memory. */
const batchBytes = 16 * 2 ** 20;
/** Columns of a batch where rows are many: as many threads sort. */
const leastBatch = 4;

/** How many columns are sorted at a time. */
export function sortedBatch({ rows, columns }: ActivationSource): number {
  return Math.min(columns, Math.max(leastBatch, Math.floor(batchBytes / (rows * 8))));
}

/**
 * Every column of a source, sorted, some at a time. A source is read once for every 224 MiB of its columns. The memory
 * belongs to the iteration: use it before the next step.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function* sortedColumns(
  source: ActivationSource,
  device: Device,
  what: string,
  context: MethodContext,
): AsyncGenerator<SortedRun> {
  const { rows, columns } = source;
  const batch = sortedBatch(source);
  const recorder = new Recorder();
  const x = recorder.external("x", "f32", [columnsPerPass(source, device), rows]);
  recorder.record(
    sortKernel,
    {
      x: rowsOf(x, recorder.parameter("from"), batch),
      sorted: recorder.external("sorted", "u32", [batch, 2 * rows]),
      spare: recorder.temporary("u32", [batch, 2 * rows]),
      nan: recorder.external("nan", "u32", [batch]),
    },
    { rows, columns: recorder.parameter("columns") },
  );
  using plan = device.plan(recorder);
  using sorted = device.allocate(batch * rows * 8);
  using nan = device.allocate(batch * 4);
  for await (const run of columnRuns(source, device, context)) {
    for (let from = 0; from < run.count; from += batch) {
      context.signal?.throwIfAborted();
      const count = Math.min(batch, run.count - from);
      const first = run.first + from;
      const buffers = { x: run.buffer, sorted, nan };
      device.submit(plan, { buffers, parameters: { from, columns: count } }).done.catch(() => {}); // see the download
      rejectNanRows(await device.download(nan, new Uint32Array(count)), source.sites, first);
      yield { first, count, buffer: sorted, pairs: () => device.download(sorted, new Uint32Array(count * rows * 2)) };
      context.onProgress?.(first + count, columns, what);
    }
  }
}
