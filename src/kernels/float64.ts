import type { Device, DeviceBuffer } from "../device/device.js";

/**
 * Reads numbers that a kernel keeps in two u32 each: a float64 on the native device, a pair of f32 whose sum is the
 * number on a GPU.
 */
export async function readWide(
  device: Device,
  buffer: DeviceBuffer,
  first: number,
  count: number,
): Promise<Float64Array> {
  if (count === 0) return new Float64Array(0);
  if (device.kind === "native") return await device.download(buffer, new Float64Array(count), first * 8);
  const pairs = await device.download(buffer, new Float32Array(2 * count), first * 8);
  return Float64Array.from({ length: count }, (_, i) => pairs[2 * i]! + pairs[2 * i + 1]!);
}

/** Numbers as `readWide` reads them, two u32 each. */
export function wide(device: Device, values: readonly number[]): Uint32Array {
  if (device.kind === "native") return new Uint32Array(Float64Array.from(values).buffer);
  const pairs = Float32Array.from({ length: 2 * values.length }, (_, at) => {
    const value = values[at >> 1]!;
    return at % 2 === 0 ? value : value - Math.fround(value);
  });
  return new Uint32Array(pairs.buffer);
}
