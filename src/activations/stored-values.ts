import { narrowToHalves, widenHalves } from "../core/halves.js";

/** How a store keeps its numbers. */
export type StoredType = "f32" | "f16";

/** Bytes of one number in a store. */
export const STORED_BYTES = { f32: 4, f16: 2 } as const;

/** The bytes that a store keeps of some values, little-endian, and the values that a reader will find there. */
export function storeValues(type: StoredType, values: Float32Array): { bytes: Uint8Array; read: Float32Array } {
  if (type === "f32")
    return { bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength), read: values };
  const halves = new Uint16Array(values.length);
  narrowToHalves(values, halves);
  const read = new Float32Array(values.length);
  widenHalves(halves, read);
  return { bytes: new Uint8Array(halves.buffer), read };
}

/** The values behind bytes of a store; `bytes` starts its own buffer. Float32 values share its memory. */
export function readStored(type: StoredType, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const elements = bytes.byteLength / STORED_BYTES[type];
  if (type === "f32") return new Float32Array(bytes.buffer, bytes.byteOffset, elements);
  const values = new Float32Array(elements);
  widenHalves(new Uint16Array(bytes.buffer, bytes.byteOffset, elements), values);
  return values;
}
