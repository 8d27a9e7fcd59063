import { ArgumentError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Accumulator, AccumulatorFactory, TakenBlock } from "./accumulator.js";
import { defaultBlockRows } from "./row-reader.js";
import type { ActivationSource, Block } from "./source.js";

/** Blocks that are on their way at once: one is read, one waits, one is computed with. */
const STAGED_BLOCKS = 3;

export interface AccumulateOptions extends Progress {
  /** Rows of a block; the result does not depend on them beyond rounding. */
  readonly blockRows?: number;
}

/**
 * Streams a source once through an accumulator. Memory: three blocks and what the accumulator keeps.
 *
 * @throws ArgumentError for a source without rows
 */
export async function accumulate<Result>(
  source: ActivationSource,
  device: Device,
  make: AccumulatorFactory<Result>,
  options: AccumulateOptions = {},
): Promise<Result> {
  if (source.rows === 0) throw new ArgumentError("source", "at least one row", source.name);
  const { blockRows = Math.min(source.rows, defaultBlockRows(source.columns)) } = options;
  using accumulator = make(device, { rows: source.rows, columns: source.columns, blockRows });
  await stream(source, device, accumulator, { ...options, blockRows });
  return await accumulator.finish();
}

/** Two accumulators that see the same blocks, as one: a pass over a source that is dear to read serves both. */
export function both<First, Second>(
  first: AccumulatorFactory<First>,
  second: AccumulatorFactory<Second>,
): AccumulatorFactory<readonly [First, Second]> {
  return (device, shape) => new Both(first(device, shape), second(device, shape));
}

class Both<First, Second> implements Accumulator<readonly [First, Second]> {
  constructor(
    readonly first: Accumulator<First>,
    readonly second: Accumulator<Second>,
  ) {}

  get needs() {
    return this.first.needs === this.second.needs ? this.first.needs : "both";
  }

  async add(block: TakenBlock): Promise<void> {
    await Promise.all([this.first.add(block), this.second.add(block)]);
  }

  async merge(other: this): Promise<void> {
    await Promise.all([this.first.merge(other.first), this.second.merge(other.second)]);
  }

  async finish(): Promise<readonly [First, Second]> {
    return [await this.first.finish(), await this.second.finish()];
  }

  [Symbol.dispose](): void {
    this.first[Symbol.dispose]();
    this.second[Symbol.dispose]();
  }
}

interface Staged {
  readonly buffer: DeviceBuffer | null;
  readonly added: Promise<void>;
}

/** Adds every block; the next one is placed while the last is computed with. */
async function stream<Result>(
  source: ActivationSource,
  device: Device,
  accumulator: Accumulator<Result>,
  { signal, onProgress, blockRows }: AccumulateOptions & { readonly blockRows: number },
): Promise<void> {
  const staged: Staged[] = [];
  const settle = async (left: number): Promise<void> => {
    while (staged.length > left) await release(staged.shift());
  };
  try {
    for await (const block of source.blocks({ blockRows, ...(signal ? { signal } : {}) })) {
      staged.push(await stage(block, device, accumulator));
      await settle(STAGED_BLOCKS - 1);
      onProgress?.(block.firstRow + block.rows, source.rows, "rows");
    }
    await settle(0);
  } finally {
    await Promise.allSettled(staged.map(({ added }) => added));
    for (const { buffer } of staged) buffer?.[Symbol.dispose]();
  }
}

async function stage<Result>(block: Block, device: Device, accumulator: Accumulator<Result>): Promise<Staged> {
  const { firstRow, rows } = block;
  const values = accumulator.needs === "device" ? null : await block.values();
  const buffer = accumulator.needs === "host" ? null : await block.place(device);
  const added = accumulator.add({ firstRow, rows, buffer, values });
  added.catch(() => {}); // it is awaited when its turn comes
  return { buffer, added };
}

async function release(block: Staged | undefined): Promise<void> {
  try {
    await block?.added;
  } finally {
    block?.buffer?.[Symbol.dispose]();
  }
}
