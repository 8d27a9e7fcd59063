import type { Device, DeviceBuffer } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { wide } from "./float64.js";
import { given, held, runOnce, wanted } from "./run-once.js";

/**
 * Pearson's r of every pair of columns, of sums of products around any shift: (sums[i, j] − sum[i] · mean[j]) · scale[i] ·
 * scale[j], cut to [-1, 1].
 *
 * `sums` is as `gram` leaves it; `moments` is 3 × (2 · columns): Σ d, its mean, and 1/√Σ(d − mean)² or 0 where a column is
 * constant, each in two u32 as the sums are. With option `symmetric` there are no others and r is mirrored.
 */
export const correlationKernel = describeKernel({
  name: "correlation",
  operands: {
    sums: { type: "u32", access: "read" },
    moments: { type: "u32", access: "read" },
    otherMoments: { type: "u32", access: "read", optional: true },
    r: { type: "f32", access: "write" },
  },
  parameters: { columns: "u32", others: "u32" },
  options: ["symmetric"],
  groups: ({ columns, others }) => Math.ceil(columns / 16) * Math.ceil(others / 16),
});

/** What is known of the columns of one side: as many numbers each. */
export interface ColumnMoments {
  /** Σ d of the shifted values d, and its mean. */
  readonly sums: Float64Array;
  readonly means: Float64Array;
  /** 1/√Σ(d − mean)², 0 where a column is constant. */
  readonly scales: Float64Array;
}

/** Sums of products on a device, two u32 each, and the numbers from one row of them to the next. */
export interface ProductSums {
  readonly buffer: DeviceBuffer;
  readonly stride: number;
}

/** Pearson's r of sums that `gram` made: columns × others values, others = columns where there is no other side. */
export async function correlation(
  device: Device,
  sums: ProductSums,
  x: ColumnMoments,
  y: ColumnMoments | null,
): Promise<Float32Array> {
  const [columns, others] = [x.sums.length, (y ?? x).sums.length];
  if (columns * others === 0) return new Float32Array(0);
  const operands = {
    sums: held(sums.buffer, "u32", [columns, 2 * sums.stride]),
    moments: momentsOf(device, x),
    ...(y && { otherMoments: momentsOf(device, y) }),
    r: wanted("f32", [columns, others]),
  };
  const { r } = await runOnce(device, correlationKernel, operands, { columns, others }, { symmetric: y ? 0 : 1 });
  return r as Float32Array;
}

function momentsOf(device: Device, { sums, means, scales }: ColumnMoments) {
  return given(wide(device, [...sums, ...means, ...scales]), [3, 2 * sums.length]);
}
