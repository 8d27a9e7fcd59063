import type { Site } from "../core/sites.js";
import type { ActivationSource, Block } from "./source.js";

/** What is made of the rows of a block: rows × columns of the new source. */
export type BlockMap = (values: Float32Array, rows: number) => Float32Array | Promise<Float32Array>;

/** A source whose every block is made of another's; its provenance is that of the other. */
export function mapSource(source: ActivationSource, sites: readonly Site[], map: BlockMap): ActivationSource {
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  return {
    name: source.name,
    rows: source.rows,
    columns,
    sites,
    table: source.table,
    ...(source.device && { device: source.device }),
    provenance: () => source.provenance(),
    async *blocks(options) {
      for await (const block of source.blocks(options)) yield mapBlock(block, map);
    },
  };
}

/** A source with activations nearer to 0 than `least` taken as 0. */
export function zeroBelow(source: ActivationSource, least: number): ActivationSource {
  return mapSource(source, source.sites, (values) => values.map((value) => (Math.abs(value) < least ? 0 : value)));
}

function mapBlock(block: Block, map: BlockMap): Block {
  const { firstRow, rows } = block;
  const mapped = async (): Promise<Float32Array> => await map(await block.values(), rows);
  return { firstRow, rows, values: mapped, place: async (device) => device.upload(await mapped()) };
}
