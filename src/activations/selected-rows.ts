import type { ActivationSource, Block } from "./source.js";

/**
 * Some rows of a source, in its order and numbered anew from 0, without their annotations; its provenance is the source's.
 *
 * @param rows ascending
 */
export function selectRows(source: ActivationSource, rows: Uint32Array): ActivationSource {
  return {
    name: source.name,
    rows: rows.length,
    columns: source.columns,
    sites: source.sites,
    table: null,
    ...(source.device && { device: source.device }),
    provenance: () => source.provenance(),
    async *blocks({ firstRow = 0, ...options } = {}) {
      let next = firstRow;
      for await (const block of source.blocks(options)) {
        let end = next;
        while (end < rows.length && rows[end]! < block.firstRow + block.rows) end++;
        if (end > next) yield gatherBlock(block, rows.subarray(next, end), next, source.columns);
        next = end;
      }
    },
  };
}

function gatherBlock(block: Block, chosen: Uint32Array, firstRow: number, columns: number): Block {
  const values = async (): Promise<Float32Array> => {
    const all = await block.values();
    const taken = new Float32Array(chosen.length * columns);
    chosen.forEach((row, i) => {
      const start = (row - block.firstRow) * columns;
      taken.set(all.subarray(start, start + columns), i * columns);
    });
    return taken;
  };
  return { firstRow, rows: chosen.length, values, place: async (device) => device.upload(await values()) };
}
