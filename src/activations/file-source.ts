import { FileError } from "../core/errors.js";
import { Fingerprint } from "../core/sha256.js";
import type { Site } from "../core/sites.js";
import type { RowTable } from "../corpus/rows.js";
import { expectUnchanged, type FileStates, statesOf } from "./file-states.js";
import { blocksOf, type RowReader } from "./row-reader.js";
import type { ActivationSource, Block, BlockOptions, SourceProvenance } from "./source.js";

/** What an activation file turned out to be when its head was read. */
export interface FileContents {
  readonly path: string;
  /** The files that the values lie in; the path itself where left out. */
  readonly files?: readonly string[];
  readonly rows: number;
  readonly sites: readonly Site[];
  readonly table: RowTable | null;
  readonly dtype?: "f32" | "f16";
  readonly options?: Readonly<Record<string, unknown>>;
  /** Opens the file for one pass, with its size checked again. */
  readonly open: () => Promise<RowReader>;
  /** What the file says about its origin; fingerprints it lacks are computed. */
  readonly provenance?: Partial<SourceProvenance>;
}

/** Activations in a file or a folder of files. Nothing stays open between passes. */
export class FileSource implements ActivationSource {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly sites: readonly Site[];
  readonly table: RowTable | null;
  readonly dtype: "f32" | "f16";
  readonly options: Readonly<Record<string, unknown>>;
  readonly #contents: FileContents;
  readonly #states: FileStates;
  #provenance: Promise<SourceProvenance> | undefined;

  constructor(contents: FileContents) {
    const { path, rows, sites, table } = contents;
    if (table && table.rows !== rows) {
      throw new FileError(path, `expected as many rows as its corpus has (${table.rows}) but it has ${rows}`);
    }
    this.#contents = contents;
    this.#states = statesOf(contents.files ?? [path]);
    this.name = path;
    this.rows = rows;
    this.columns = sites.reduce((sum, site) => sum + site.width, 0);
    this.sites = sites;
    this.table = table;
    this.dtype = contents.dtype ?? "f32";
    this.options = contents.options ?? {};
  }

  /** @throws FileError at the end of the pass if a file was written to since the source was opened */
  async *blocks(options?: BlockOptions): AsyncGenerator<Block> {
    yield* blocksOf(await this.#contents.open(), this, options);
    expectUnchanged(this.#states);
  }

  provenance(): Promise<SourceProvenance> {
    this.#provenance ??= this.#findProvenance();
    return this.#provenance;
  }

  async #findProvenance(): Promise<SourceProvenance> {
    const { model = null, corpus = null, activations } = this.#contents.provenance ?? {};
    return {
      model,
      corpus: corpus ?? this.table?.fingerprint ?? null,
      activations: activations ?? (await this.#fingerprint()),
    };
  }

  async #fingerprint(): Promise<string> {
    const fingerprint = await fingerprintRows(await this.#contents.open(), this);
    expectUnchanged(this.#states);
    return fingerprint;
  }
}

/** Bytes hashed at a time: few enough that a pass beside it is not held up. */
const HASHED_BYTES = 4 * 2 ** 20;

/**
 * The SHA-256 fingerprint of activations: of their float32 values, little-endian, row after row. The same numbers
 * have the same fingerprint in every file format. Closes the reader.
 */
async function fingerprintRows(
  reader: RowReader,
  shape: { readonly rows: number; readonly columns: number },
): Promise<string> {
  const pieceRows = Math.max(1, Math.floor(HASHED_BYTES / (shape.columns * 4)));
  const piece = new Float32Array(pieceRows * shape.columns);
  const whole = new Fingerprint();
  try {
    for (let row = 0; row < shape.rows; row += pieceRows) {
      const values = piece.subarray(0, Math.min(pieceRows, shape.rows - row) * shape.columns);
      await reader.read(row, values);
      whole.add(values);
    }
  } finally {
    await reader.close();
  }
  return whole.finish();
}
