import { writeFileAtomically } from "../core/files.js";
import { npyHeader } from "../core/npy.js";
import type { ActivationSource } from "./source.js";
import { storeValues } from "./stored-values.js";

/** Writes a source as a .npy file, rows × neurons in C order: `<f4`, or `<f2` where the source keeps float16. */
export async function writeNpy(path: string, source: ActivationSource, signal?: AbortSignal): Promise<void> {
  const { dtype = "f32" } = source;
  async function* content(): AsyncGenerator<Uint8Array> {
    yield npyHeader(dtype === "f32" ? "f4" : "f2", [source.rows, source.columns]);
    for await (const block of source.blocks(signal ? { signal } : {})) {
      yield storeValues(dtype, await block.values()).bytes;
    }
  }
  await writeFileAtomically(path, content(), signal);
}
