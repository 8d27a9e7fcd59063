import { defaultBlockRows } from "../../activations/row-reader.js";
import type { ActivationSource, Block } from "../../activations/source.js";
import { KernelError } from "../../core/errors.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { GramSums } from "../../kernels/gram-sums.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext } from "../result.js";

/** Neighbouring columns. */
export interface Band {
  readonly first: number;
  readonly count: number;
}

/**
 * Pearson's r of every column of a band of one source with every column of another over the same rows, in one pass over both.
 *
 * @param band columns of `a`
 * @returns columns of the band × columns of `b`, in [−1, 1]; 0 where a column is constant
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function crossCorrelation(
  a: ActivationSource,
  b: ActivationSource,
  device: Device,
  context: MethodContext,
  band: Band = { first: 0, count: a.columns },
): Promise<Float32Array> {
  const { signal, onProgress } = context;
  using sums = new GramSums(device, band.count, b.columns);
  for await (const [x, y] of pairBlocks(a, b, signal)) {
    using left = await placeBand(x, a.columns, band, device);
    using right = await y.place(device);
    await sums.add(left, x.rows, right);
    onProgress?.(x.firstRow + x.rows, a.rows, `correlations of ${band.count} neurons with ${b.name}`);
  }
  const [means, others] = await sums.means();
  await refuseNonFinite(a, means, context);
  await refuseNonFinite(b, others, context);
  return await sums.correlation();
}

async function placeBand(block: Block, columns: number, band: Band, device: Device): Promise<DeviceBuffer> {
  if (band.count === columns) return await block.place(device);
  const all = await block.values();
  const values = new Float32Array(block.rows * band.count);
  for (let row = 0; row < block.rows; row++) {
    const start = row * columns + band.first;
    values.set(all.subarray(start, start + band.count), row * band.count);
  }
  return device.upload(values);
}

/** Blocks of two sources over the same rows. Where a source cuts them otherwise they are cut anew on the host. */
async function* pairBlocks(
  a: ActivationSource,
  b: ActivationSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly [Block, Block]> {
  const blockRows = Math.min(defaultBlockRows(a.columns), defaultBlockRows(b.columns));
  const options = { blockRows, ...(signal ? { signal } : {}) };
  const others = b.blocks(options)[Symbol.asyncIterator]();
  let rest: Block | null = null;
  try {
    for await (const whole of a.blocks(options)) {
      let x: Block | null = whole;
      while (x) {
        const y: Block = rest ?? (await nextOf(others, b));
        const rows = Math.min(x.rows, y.rows);
        yield [await head(x, rows, a.columns), await head(y, rows, b.columns)];
        rest = await tail(y, rows, b.columns);
        x = await tail(x, rows, a.columns);
      }
    }
  } finally {
    await others.return?.();
  }
}

async function nextOf(blocks: AsyncIterator<Block>, { name }: ActivationSource): Promise<Block> {
  const next = await blocks.next();
  if (next.done) throw new KernelError("gram", new Error(`${name} gave fewer rows than it has`));
  return next.value;
}

async function head(block: Block, rows: number, columns: number): Promise<Block> {
  if (rows === block.rows) return block;
  return hostBlock(block.firstRow, rows, (await block.values()).subarray(0, rows * columns));
}

async function tail(block: Block, rows: number, columns: number): Promise<Block | null> {
  if (rows === block.rows) return null;
  const values = (await block.values()).slice(rows * columns);
  return hostBlock(block.firstRow + rows, block.rows - rows, values);
}

function hostBlock(firstRow: number, rows: number, values: Float32Array): Block {
  const place = async (device: Device): Promise<DeviceBuffer> => device.upload(values);
  return { firstRow, rows, values: async () => values, place };
}
