import type { Site } from "../core/sites.js";
import type { Device } from "../device/device.js";
import { product } from "../kernels/product.js";
import { mapSource } from "./mapped-source.js";
import type { ActivationSource } from "./source.js";

/**
 * A source whose sites are those of another, each seen along directions of its own: column j of a site is the product of
 * the row's activations at that site and the j-th direction.
 *
 * @param directions of every site, count × width; of all sites as many
 */
export function projectSites(
  source: ActivationSource,
  device: Device,
  directions: readonly Float32Array[],
): ActivationSource {
  const { sites, columns } = source;
  const widths = sites.map(({ width }, i) => (width === 0 ? 0 : directions[i]!.length / width));
  const offsets = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const projected: Site[] = sites.map(({ name }, i) => ({ name, width: widths[i]!, offset: offsets[i]! }));
  const total = widths.reduce((sum, width) => sum + width, 0);
  return mapSource(source, projected, async (values, rows) => {
    const all = new Float32Array(rows * total);
    for (const [i, site] of sites.entries()) {
      const own = { values, rows, columns, offset: site.offset, width: site.width };
      const part = { rows, inner: site.width, columns: widths[i]!, a: columnsOf(own), b: directions[i]! };
      putColumns(all, await product(device, part), total, projected[i]!);
    }
    return all;
  });
}

interface Columns {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
  readonly width: number;
}

function columnsOf({ values, rows, columns, offset, width }: Columns): Float32Array {
  if (width === columns) return values;
  const taken = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const start = row * columns + offset;
    taken.set(values.subarray(start, start + width), row * width);
  }
  return taken;
}

function putColumns(all: Float32Array, part: Float32Array, total: number, { offset, width }: Site): void {
  for (let start = 0, at = offset; start < part.length; start += width, at += total) {
    all.set(part.subarray(start, start + width), at);
  }
}
