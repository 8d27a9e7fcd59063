import type { ActivationSource, Block } from "../activations/source.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { MethodContext } from "./result.js";

/**
 * One pass over a source: places every block on the device and hands it to `add`. A block's memory is freed when
 * its work is done; the next one is placed meanwhile.
 *
 * @param what the pass's name, for progress
 */
export async function eachBlock(
  source: ActivationSource,
  device: Device,
  { signal, onProgress }: MethodContext,
  what: string,
  add: (x: DeviceBuffer, block: Block) => Promise<void>,
): Promise<void> {
  let before: Running | null = null;
  onProgress?.(0, source.rows, what);
  try {
    for await (const block of source.blocks(signal ? { signal } : {})) {
      signal?.throwIfAborted();
      const buffer = await block.place(device);
      const done = add(buffer, block);
      done.catch(() => {}); // awaited when the next block is placed
      await before?.finish();
      before = running(buffer, done);
      onProgress?.(block.firstRow + block.rows, source.rows, what);
    }
  } finally {
    await before?.finish();
  }
}

interface Running {
  finish(): Promise<void>;
}

function running(buffer: DeviceBuffer, done: Promise<void>): Running {
  return {
    finish: async () => {
      await done.finally(() => buffer[Symbol.dispose]());
    },
  };
}
