import { ArgumentError } from "./errors.js";

/** The largest finite float16. */
export const LARGEST_HALF = 65504;

/** Widens IEEE float16 bits; exact, with infinities and NaN kept. `into` has at least as many elements as `halves`. */
export function widenHalves(halves: Uint16Array, into: Float32Array | Float64Array): void {
  checkRoom(halves.length, into.length);
  table ??= makeTable();
  for (let i = 0; i < halves.length; i++) into[i] = table[halves[i]!]!;
}

/** Widens bfloat16 bits (the upper half of a float32); exact. `into` has at least as many elements as `halves`. */
export function widenBrainHalves(halves: Uint16Array, into: Float32Array): void {
  checkRoom(halves.length, into.length);
  const bits = new Uint32Array(into.buffer, into.byteOffset, halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
}

/**
 * Narrows float32 to IEEE float16 bits, to nearest with ties to even; beyond 65,520 in size it becomes an infinity.
 * `into` has at least as many elements as `values`.
 */
export function narrowToHalves(values: Float32Array, into: Uint16Array): void {
  checkRoom(values.length, into.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) into[i] = narrow(bits[i]!);
}

let table: Float32Array | undefined;

/** All 65,536 float16 values by their bits. */
function makeTable(): Float32Array {
  return Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

function narrow(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  if (size <= 0x33000000) return sign;
  return sign | narrowSubnormal(size);
}

/** Below 2⁻¹⁴ a float16 counts steps of 2⁻²⁴. */
function narrowSubnormal(size: number): number {
  const shift = 126 - (size >>> 23);
  const fraction = (size & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

function checkRoom(elements: number, room: number): void {
  if (room < elements) throw new ArgumentError("into", `at least ${elements} elements`, room);
}
