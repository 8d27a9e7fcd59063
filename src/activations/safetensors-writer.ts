import { open } from "node:fs/promises";
import { writeAtomically, writeWhole } from "../core/files.js";
import type { Site } from "../core/sites.js";
import type { ActivationSource } from "./source.js";
import { STORED_BYTES, storeValues } from "./stored-values.js";
import { tensorFileHead } from "./tensor-file.js";

/** Writes a source as a safetensors file: one tensor per site, rows × width, float32 or as the source keeps its numbers. */
export async function writeSafetensors(path: string, source: ActivationSource, signal?: AbortSignal): Promise<void> {
  const { sites, rows, dtype = "f32" } = source;
  const type = dtype === "f32" ? "F32" : "F16";
  const head = tensorFileHead(
    sites.map(({ name, width }) => ({ name, type, shape: [rows, width] })),
    { format: "neurometry" },
  );
  await writeAtomically(path, async (partial) => {
    const file = await open(partial, "w");
    try {
      await writeWhole(file, head, 0);
      for await (const block of source.blocks(signal ? { signal } : {})) {
        const values = await block.values();
        for (const site of sites) {
          const { bytes } = storeValues(dtype, siteColumns(values, source.columns, site));
          const element = rows * site.offset + block.firstRow * site.width;
          await writeWhole(file, bytes, head.length + element * STORED_BYTES[dtype]);
        }
      }
      signal?.throwIfAborted();
    } finally {
      await file.close();
    }
  });
}

/** The columns of one site, rows × width. */
function siteColumns(values: Float32Array, columns: number, { offset, width }: Site): Float32Array {
  if (width === columns) return values;
  const part = new Float32Array((values.length / columns) * width);
  for (let row = 0; row * width < part.length; row++) {
    const from = row * columns + offset;
    part.set(values.subarray(from, from + width), row * width);
  }
  return part;
}
