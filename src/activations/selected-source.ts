import { Fingerprint } from "../core/sha256.js";
import type { Site } from "../core/sites.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { selectSites } from "../model/sites.js";
import type { ActivationSource, Block, BlockOptions, SourceProvenance } from "./source.js";

/**
 * Some sites of a source, by selectors as for a model (`layers.0-3.*`); the source itself where they choose all.
 *
 * @throws ArgumentError for a selector that matches no site of the source
 */
export function selectFrom(source: ActivationSource, selector: string | readonly string[]): ActivationSource {
  const chosen = selectSites(source.sites, selector);
  return chosen.length === source.sites.length ? source : new SelectedSource(source, chosen);
}

class SelectedSource implements ActivationSource {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly table: ActivationSource["table"];
  readonly #runs: readonly Run[];
  #provenance: Promise<SourceProvenance> | undefined;

  constructor(
    readonly source: ActivationSource,
    readonly sites: readonly Site[],
  ) {
    this.name = source.name;
    this.rows = source.rows;
    this.table = source.table;
    this.columns = sites.reduce((sum, { width }) => sum + width, 0);
    this.#runs = sites.map(({ name, width, offset }) => {
      const from = source.sites.find((site) => site.name === name);
      return { from: from?.offset ?? 0, to: offset, width };
    });
  }

  get dtype(): "f32" | "f16" {
    return this.source.dtype ?? "f32";
  }

  get options(): Readonly<Record<string, unknown>> {
    return this.source.options ?? {};
  }

  async *blocks(options?: BlockOptions): AsyncGenerator<Block> {
    for await (const block of this.source.blocks(options)) {
      yield new SelectedBlock(block, this.source.columns, this.columns, this.#runs);
    }
  }

  /** The fingerprint of activations is that of the chosen columns, as if they were a source of their own. */
  provenance(): Promise<SourceProvenance> {
    this.#provenance ??= this.#findProvenance();
    return this.#provenance;
  }

  async #findProvenance(): Promise<SourceProvenance> {
    const known = await this.source.provenance();
    if (known.activations === null) return known;
    const whole = new Fingerprint();
    for await (const block of this.blocks()) whole.add(await block.values());
    return { ...known, activations: whole.finish() };
  }
}

/** Neighbouring columns and where they go. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

class SelectedBlock implements Block {
  constructor(
    readonly block: Block,
    readonly sourceColumns: number,
    readonly columns: number,
    readonly runs: readonly Run[],
  ) {}

  get firstRow(): number {
    return this.block.firstRow;
  }

  get rows(): number {
    return this.block.rows;
  }

  async values(): Promise<Float32Array> {
    const all = await this.block.values();
    const values = new Float32Array(this.rows * this.columns);
    for (let row = 0; row < this.rows; row++) {
      for (const { from, to, width } of this.runs) {
        const start = row * this.sourceColumns + from;
        values.set(all.subarray(start, start + width), row * this.columns + to);
      }
    }
    return values;
  }

  async place(device: Device): Promise<DeviceBuffer> {
    return device.upload(await this.values());
  }
}
