import { FileError, KernelError } from "../core/errors.js";
import type { FileRegion } from "./device.js";
import { expectRegion } from "./file-region.js";

/** What a job of the addon failed of: a file that became shorter while it was read, or the kernel. */
export function failureOf(
  name: string,
  cause: unknown,
  buffers: readonly { readonly region: FileRegion | null }[],
): FileError | KernelError {
  for (const { region } of buffers) {
    try {
      if (region) expectRegion(region);
    } catch (error) {
      if (error instanceof FileError) return error;
      throw error;
    }
  }
  return kernelFailure(name, cause);
}

/** The addon names the kernel that refused: `layer-norm: why`. */
function kernelFailure(name: string, cause: unknown): KernelError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const colon = message.indexOf(": ");
  return colon > 0
    ? new KernelError(message.slice(0, colon), new Error(message.slice(colon + 2)))
    : new KernelError(name, cause);
}
