import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import type { Accumulator, AccumulatorFactory, TakenBlock } from "./accumulator.js";
import { begin, eachStaged, type PassOptions, type StagedBlock } from "./each-block.js";
import { defaultBlockRows } from "./row-reader.js";
import type { ActivationSource, Block } from "./source.js";

/**
 * Streams a source once through an accumulator. Memory: three blocks and what the accumulator keeps.
 *
 * @param options blockRows: the result does not depend on them beyond rounding
 *
 * @throws ArgumentError for a source without rows
 */
export async function accumulate<Result>(
  source: ActivationSource,
  device: Device,
  make: AccumulatorFactory<Result>,
  options: PassOptions = {},
): Promise<Result> {
  if (source.rows === 0) throw new ArgumentError("source", "at least one row", source.name);
  const { blockRows = Math.min(source.rows, defaultBlockRows(source.columns)) } = options;
  using accumulator = make(device, { rows: source.rows, columns: source.columns, blockRows });
  await eachStaged(source, { ...options, blockRows }, "rows", (block) => stage(block, device, accumulator));
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

async function stage<Result>(block: Block, device: Device, accumulator: Accumulator<Result>): Promise<StagedBlock> {
  const { firstRow, rows } = block;
  const values = accumulator.needs === "device" ? null : await block.values();
  const buffer = accumulator.needs === "host" ? null : await block.place(device);
  return { buffer, done: begin(() => accumulator.add({ firstRow, rows, buffer, values })) };
}
