import { ArgumentError } from "../core/errors.js";
import type { Device, DeviceBuffer, FileRegion } from "../device/device.js";
import type { Block, BlockOptions } from "./source.js";

/** An open file of activations that can be read from any row on. */
export interface RowReader {
  /** Fills `into` with as many whole rows as it holds. @throws FileError on a short read */
  read(firstRow: number, into: Float32Array): Promise<void>;
  /** Where the rows lie in a file as little-endian float32, row after row; null where they do not. */
  region(firstRow: number, rows: number): FileRegion | null;
  close(): Promise<void>;
}

/** A block is about this large, so that three of them and a kernel's own memory stay small. */
const BLOCK_BYTES = 16 * 2 ** 20;
/** Blocks are whole multiples of the Gram kernel's slab. */
const SLAB_ROWS = 384;

/** Rows of a block where the caller does not say: about 16 MiB of float32. */
export function defaultBlockRows(columns: number): number {
  return Math.max(1, Math.round(BLOCK_BYTES / (columns * 4 * SLAB_ROWS))) * SLAB_ROWS;
}

/** Streams the rows of an open reader as blocks, and closes it afterwards. */
export async function* blocksOf(
  reader: RowReader,
  shape: { readonly rows: number; readonly columns: number },
  options: BlockOptions = {},
): AsyncGenerator<Block> {
  const { firstRow = 0, blockRows = defaultBlockRows(shape.columns), signal } = options;
  checkWhole("blockRows", blockRows, 1);
  checkWhole("firstRow", firstRow, 0);
  try {
    const staging = { array: new Float32Array(0) };
    for (let row = firstRow; row < shape.rows; row += blockRows) {
      signal?.throwIfAborted();
      yield new FileBlock(reader, row, Math.min(blockRows, shape.rows - row), shape.columns, staging);
    }
  } finally {
    await reader.close();
  }
}

/** A block whose numbers are still in the file. */
class FileBlock implements Block {
  constructor(
    readonly reader: RowReader,
    readonly firstRow: number,
    readonly rows: number,
    readonly columns: number,
    /** One host array for all blocks of a pass: uploading copies, so the next block may overwrite it. */
    readonly staging: { array: Float32Array },
  ) {}

  async values(): Promise<Float32Array> {
    const values = new Float32Array(this.rows * this.columns);
    await this.reader.read(this.firstRow, values);
    return values;
  }

  async place(device: Device): Promise<DeviceBuffer> {
    const region = this.reader.region(this.firstRow, this.rows);
    if (region) return device.adopt(region);
    const elements = this.rows * this.columns;
    if (this.staging.array.length < elements) this.staging.array = new Float32Array(elements);
    const values = this.staging.array.subarray(0, elements);
    await this.reader.read(this.firstRow, values);
    return device.upload(values);
  }
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ArgumentError(name, `a whole number from ${least} on`, value);
}
