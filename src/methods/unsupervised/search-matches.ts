import { checkFinite } from "../../activations/finite.js";
import type { ActivationSource } from "../../activations/source.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { topCorrelations } from "../../kernels/top-correlations.js";
import type { MethodContext } from "../result.js";
import { crossCorrelation } from "./cross-correlation.js";
import { listMatches, type Matches, strongestMatches } from "./strongest-matches.js";

/** Where activations stay in memory and where correlations do. */
export interface SearchLimits {
  /** Bytes of both sources' activations, as float32, up to which they are kept. */
  readonly residentBytes?: number;
  /** Bytes of float64 sums that are kept at a time where activations are not. */
  readonly bandBytes?: number;
}

/** Arithmetic of one call that keeps a GPU busy for a fraction of a second. */
const GPU_OPERATIONS = 1e12;

/**
 * The `top` columns of `b` with the largest |r| for each column of `a`, over the same rows, never all r at once.
 *
 * Activations of both up to half a GiB are read once and kept. Larger sources are read once for every band of `a`'s
 * columns whose sums with all of `b` take a quarter of a GiB: 10,000 × 10,000 neurons in three passes.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function searchMatches(
  a: ActivationSource,
  b: ActivationSource,
  top: number,
  device: Device,
  context: MethodContext,
  { residentBytes = 2 ** 29, bandBytes = 2 ** 28 }: SearchLimits = {},
): Promise<Matches> {
  const fits = a.rows * (a.columns + b.columns) * 4 <= residentBytes && suitsDevice(a, b, device);
  if (fits) return await searchResident(a, b, top, device, context);
  const width = Math.max(1, Math.floor(bandBytes / 8 / b.columns));
  const bands: Matches[] = [];
  for (let first = 0; first < a.columns; first += width) {
    const band = { first, count: Math.min(width, a.columns - first) };
    bands.push(strongestMatches(await crossCorrelation(a, b, device, context, band), b.columns, top));
  }
  return {
    columns: bands.flatMap(({ columns }) => columns),
    r: bands.flatMap(({ r }) => r),
    strongest: Float64Array.from(bands.flatMap(({ strongest }) => [...strongest])),
  };
}

/** Whether one call can bind the activations, and is done before a GPU's watchdog barks. */
function suitsDevice(a: ActivationSource, b: ActivationSource, device: Device): boolean {
  if (device.kind === "native") return true;
  const binding = device.description.limits.maxStorageBufferBindingSize ?? 0;
  const operations = 2 * a.rows * a.columns * b.columns;
  return a.rows * Math.max(a.columns, b.columns) * 4 <= binding && operations <= GPU_OPERATIONS;
}

async function searchResident(
  a: ActivationSource,
  b: ActivationSource,
  top: number,
  device: Device,
  context: MethodContext,
): Promise<Matches> {
  using x = await load(a, device, context);
  using y = await load(b, device, context);
  const { rows, columns } = a;
  const found = await topCorrelations(device, { rows, columns, x, others: b.columns, y, count: top });
  const list = <T>(values: ArrayLike<T>, column: number): T[] =>
    Array.from({ length: top }, (_, k) => values[column * top + k]!);
  return listMatches(
    Array.from({ length: columns }, (_, column) => list(found.columns, column)),
    Array.from({ length: columns }, (_, column) => list(found.r, column)),
  );
}

/** All rows of a source on a device. */
async function load(source: ActivationSource, device: Device, context: MethodContext): Promise<DeviceBuffer> {
  const { signal, onProgress } = context;
  const buffer = device.allocate(Math.max(1, source.rows * source.columns) * 4);
  try {
    for await (const block of source.blocks(signal ? { signal } : {})) {
      const values = await block.values();
      checkFinite(values, block.firstRow, source.sites);
      device.write(buffer, values, block.firstRow * source.columns * 4);
      onProgress?.(block.firstRow + block.rows, source.rows, `rows of ${source.name}`);
    }
    return buffer;
  } catch (error) {
    buffer[Symbol.dispose]();
    throw error;
  }
}
