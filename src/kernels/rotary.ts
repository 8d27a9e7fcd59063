import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Rotary position embedding (Su et al. 2021) of the first `rotated` columns of every head:
 * (a, b) becomes (a·cos − b·sin, b·cos + a·sin).
 *
 * Pairs are (c, c + rotated/2), or (2c, 2c + 1) where interleaved is 1. Row p of `table` has the rotated/2
 * cosines and then the sines of position p (`rotaryTable`). In place on `out` where x is left out.
 */
export const rotaryKernel = describeKernel({
  name: "rotary",
  operands: {
    x: { type: "f32", access: "read", optional: true },
    positions: { type: "u32", access: "read" },
    table: { type: "f32", access: "read" },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", heads: "u32", headWidth: "u32", rotated: "u32", positionCount: "u32" },
  options: ["interleaved"],
  groups: ({ rows, heads, headWidth, rotated }) => Math.ceil((rows * heads * (headWidth - rotated / 2)) / 256),
  axes: { rows: { x: 0, positions: 0, out: 0 } },
});

/**
 * Cosines and sines for positions 0 … count − 1, computed in float64.
 *
 * @param frequencies radians per position of each pair, such as base^(−2c/rotated)
 * @param factor what the results are multiplied by (yarn); default 1
 * @returns count × (2 · frequencies.length) values: a row's cosines, then its sines
 */
export function rotaryTable(count: number, frequencies: ArrayLike<number>, factor = 1): Float32Array {
  const half = frequencies.length;
  const table = new Float32Array(count * 2 * half);
  for (let position = 0; position < count; position++) {
    for (let c = 0; c < half; c++) {
      const angle = position * frequencies[c]!;
      table[position * 2 * half + c] = Math.cos(angle) * factor;
      table[position * 2 * half + half + c] = Math.sin(angle) * factor;
    }
  }
  return table;
}

/** The frequencies of the original rotary embedding: base^(−2c/rotated) for pair c. */
export function rotaryFrequencies(rotated: number, base = 10_000): Float64Array {
  return Float64Array.from({ length: rotated / 2 }, (_, c) => base ** ((-2 * c) / rotated));
}

export interface RotaryInput {
  /** tokens × (heads · headWidth). */
  readonly x: Float32Array;
  readonly positions: Uint32Array;
  readonly heads: number;
  readonly headWidth: number;
  /** An even number of columns of each head, headWidth at most. */
  readonly rotated: number;
  readonly table: Float32Array;
  readonly interleaved?: boolean;
}

/** x with the first columns of every head turned by its position. @throws ArgumentError for a position past the table */
export async function rotary(device: Device, input: RotaryInput): Promise<Float32Array> {
  const { x, positions, heads, headWidth, rotated, table, interleaved = false } = input;
  const rows = positions.length;
  const positionCount = table.length / rotated;
  if (rotated % 2 !== 0 || rotated > headWidth || rotated < 2) {
    throw new ArgumentError("rotated", `an even number in 2 … ${headWidth}`, rotated);
  }
  const stranger = positions.find((position) => position >= positionCount);
  if (stranger !== undefined) throw new ArgumentError("positions", `numbers below ${positionCount}`, stranger);
  const { out } = await runOnce(
    device,
    rotaryKernel,
    {
      x: given(x, [rows, heads * headWidth], "x"),
      positions: given(positions, [rows]),
      table: given(table, [positionCount, rotated], "table"),
      out: wanted("f32", [rows, heads * headWidth]),
    },
    { rows, heads, headWidth, rotated, positionCount },
    { interleaved: interleaved ? 1 : 0 },
  );
  return out as Float32Array;
}
