import type { Device, DeviceBuffer } from "../device/device.js";
import { Recorder } from "../device/plan.js";
import { poolings, poolRowsKernel } from "../kernels/pool-rows.js";
import type { Chunk } from "./live-chunk.js";
import type { Block } from "./source.js";

/** How several tokens of a row become one. */
export type Reduction = "first" | "mean" | "max";

/** What a block is pooled from. */
export interface PooledFrom {
  readonly device: Device;
  /** Tokens × columns; valid until the source goes on to the next chunk. */
  readonly tokens: DeviceBuffer;
  readonly chunk: Chunk;
  readonly columns: number;
  readonly reduction: Reduction;
}

/** Rows of a chunk, pooled from its tokens on the model's device whenever they are asked for. */
export class PooledBlock implements Block {
  readonly firstRow: number;

  constructor(
    readonly from: PooledFrom,
    /** The first row of the chunk that the block has. */
    readonly start: number,
    readonly rows: number,
  ) {
    this.firstRow = from.chunk.firstRow + start;
  }

  async values(): Promise<Float32Array> {
    using pooled = this.#pool();
    return await this.from.device.download(pooled, new Float32Array(this.rows * this.from.columns));
  }

  async place(device: Device): Promise<DeviceBuffer> {
    return device === this.from.device ? this.#pool() : device.upload(await this.values());
  }

  #pool(): DeviceBuffer {
    const { device, tokens, chunk, columns, reduction } = this.from;
    const { rows } = this;
    const offsets = chunk.offsets.subarray(this.start, this.start + rows + 1);
    const first = offsets[0]!;
    const end = offsets[rows]!;
    const members = end > first ? chunk.members.subarray(first, end) : new Uint32Array(1);
    const recorder = new Recorder();
    const operands = {
      x: recorder.external("x", "f32", [chunk.tokens, columns]),
      starts: recorder.external("starts", "u32", [rows]),
      ends: recorder.external("ends", "u32", [rows]),
      members: recorder.external("members", "u32", [members.length]),
      out: recorder.external("out", "f32", [rows, columns]),
    };
    const sizes = { rows, width: columns, sourceRows: chunk.tokens };
    recorder.record(poolRowsKernel, operands, sizes, { kind: poolings.indexOf(reduction) });
    using plan = device.plan(recorder);
    using starts = device.upload(offsets.subarray(0, rows).map((offset) => offset - first));
    using ends = device.upload(offsets.subarray(1).map((offset) => offset - first));
    using listed = device.upload(members);
    const out = device.allocate(rows * columns * 4);
    device.submit(plan, { buffers: { x: tokens, starts, ends, members: listed, out } });
    return out;
  }
}
