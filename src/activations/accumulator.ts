import type { Device, DeviceBuffer } from "../device/device.js";

/** A block that an accumulator takes: on the device or on the host, as it needs. It is gone when `add` is done. */
export interface TakenBlock {
  readonly firstRow: number;
  readonly rows: number;
  /** Rows × columns; null for accumulators that need the host. */
  readonly buffer: DeviceBuffer | null;
  /** Rows × columns; null for accumulators that need the device. */
  readonly values: Float32Array | null;
}

/** What is known of blocks before the first one comes. */
export interface BlockShape {
  readonly columns: number;
  /** Rows of the largest block. */
  readonly blockRows: number;
  /** Rows of all blocks together. */
  readonly rows: number;
}

/**
 * A statistic that grows block by block, each row once, in any order of blocks. Two that saw different rows merge into
 * one that saw both, so that one pass, many threads and many machines give the same.
 */
export interface Accumulator<Result> extends Disposable {
  /** Where it wants its blocks. */
  readonly needs: "device" | "host" | "both";
  /** Adds a block in the background; resolves when the block is no longer needed, rejects if that failed. */
  add(block: TakenBlock): Promise<void>;
  /** Takes in what another of its kind has seen; that one is not to be used afterwards. */
  merge(other: this): Promise<void>;
  finish(): Promise<Result>;
}

/** Makes an accumulator for a stream of blocks. */
export type AccumulatorFactory<Result> = (device: Device, shape: BlockShape) => Accumulator<Result>;
