import { eachBlock } from "../activations/each-block.js";
import type { ActivationSource } from "../activations/source.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { Recorder } from "../device/plan.js";
import { transposeKernel } from "../kernels/transpose.js";
import type { MethodContext } from "./result.js";

/** Some columns of a source on a device: `count` runs of all rows. */
export interface ColumnRuns {
  readonly buffer: DeviceBuffer;
  readonly first: number;
  readonly count: number;
}

/** How many bytes of columns are gathered in one pass over a source. */
const passBytes = 224 * 2 ** 20;

/** How many columns of a source are on the device at a time. */
export function columnsPerPass({ rows, columns }: ActivationSource, device: Device): number {
  const most = Math.min(passBytes, device.description.limits.maxStorageBufferBindingSize ?? passBytes);
  return Math.max(1, Math.min(columns, Math.floor(most / (rows * 4))));
}

/**
 * A source column by column, for methods that sort: as many columns at a time as 224 MiB hold, one pass each.
 * The memory belongs to the iteration: use it before the next step.
 */
export async function* columnRuns(
  source: ActivationSource,
  device: Device,
  context: MethodContext,
): AsyncGenerator<ColumnRuns> {
  const { rows, columns } = source;
  const width = columnsPerPass(source, device);
  using buffer = device.allocate(width * rows * 4);
  for (let first = 0; first < columns; first += width) {
    const count = Math.min(width, columns - first);
    await gather(source, device, context, buffer, first, count);
    yield { buffer, first, count };
  }
}

async function gather(
  source: ActivationSource,
  device: Device,
  context: MethodContext,
  out: DeviceBuffer,
  first: number,
  count: number,
): Promise<void> {
  const recorder = new Recorder();
  recorder.record(
    transposeKernel,
    {
      x: recorder.external("x", "f32", [1, source.columns]),
      out: recorder.external("out", "f32", [count, source.rows]),
    },
    { rows: recorder.parameter("rows"), columns: count, firstRow: recorder.parameter("firstRow"), firstColumn: first },
  );
  using plan = device.plan(recorder);
  await eachBlock(
    source,
    device,
    context,
    `columns from ${first} on`,
    (x, { rows, firstRow }) => device.submit(plan, { buffers: { x, out }, parameters: { rows, firstRow } }).done,
  );
}
