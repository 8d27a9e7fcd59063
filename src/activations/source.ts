import type { Site } from "../core/sites.js";
import type { RowTable } from "../corpus/rows.js";
import type { Device, DeviceBuffer } from "../device/device.js";

/** Consecutive rows × all columns of a source, row-major float32. Take what you need of it before you ask for the next. */
export interface Block {
  readonly firstRow: number;
  readonly rows: number;
  /** On the host. */
  values(): Promise<Float32Array>;
  /** On a device, without a copy where the device and the source allow it. The caller owns the buffer. */
  place(device: Device): Promise<DeviceBuffer>;
}

export interface BlockOptions {
  /** Rows of a block at most; the source chooses where this is left out (a few thousand). */
  readonly blockRows?: number;
  /** Rows before it are left out (default 0). The numbers of a row do not depend on where a pass began. */
  readonly firstRow?: number;
  readonly signal?: AbortSignal;
}

/** SHA-256 fingerprints in hex of what a result was computed from; null where there is none. */
export interface SourceProvenance {
  readonly model: string | null;
  readonly corpus: string | null;
  readonly activations: string | null;
}

/** Activations, rows × columns, in blocks: a store, a file of the user's, or a live model. No method knows which. */
export interface ActivationSource {
  /** As the user names it; results quote it. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly sites: readonly Site[];
  /** How the numbers are kept where it is not float32; what is exported keeps them so. */
  readonly dtype?: "f32" | "f16";
  /** How the rows were made, by a source that knows: `rows`, `pool` and the like. A store is known by them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Annotations of the rows; null for a bare array. */
  readonly table: RowTable | null;
  /** Where the numbers are made, by a live model; a method runs there unless it is told otherwise. */
  readonly device?: Device;
  blocks(options?: BlockOptions): AsyncIterable<Block>;
  /** Known after the first complete pass where it has to be computed. */
  provenance(): Promise<SourceProvenance>;
}
