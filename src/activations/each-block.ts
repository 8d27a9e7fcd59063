import type { Progress } from "../core/progress.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { ActivationSource, Block } from "./source.js";

/** Blocks that are on their way at once: one is read, one waits, one is computed with. */
const STAGED_BLOCKS = 3;

export interface PassOptions extends Progress {
  /** Rows of a block at most; the source chooses where this is left out. */
  readonly blockRows?: number;
}

/** A block that work has begun with. */
export interface StagedBlock {
  /** Its memory on a device, freed when the work is done; null where there is none. */
  readonly buffer: DeviceBuffer | null;
  /** The work with it. */
  readonly done: Promise<void>;
}

/**
 * One pass over a source: places every block on the device and hands it to `add`, which resolves when it no longer
 * needs the block. The next blocks are placed meanwhile; memory is that of three.
 *
 * @param what the pass's name, for progress
 */
export async function eachBlock(
  source: ActivationSource,
  device: Device,
  options: PassOptions,
  what: string,
  add: (x: DeviceBuffer, block: Block) => Promise<void>,
): Promise<void> {
  await eachStaged(source, options, what, async (block) => {
    const buffer = await block.place(device);
    return { buffer, done: begin(() => add(buffer, block)) };
  });
}

/** The same for blocks that `stage` places where it wants them. */
export async function eachStaged(
  source: ActivationSource,
  { blockRows, signal, onProgress }: PassOptions,
  what: string,
  stage: (block: Block) => Promise<StagedBlock>,
): Promise<void> {
  const staged: StagedBlock[] = [];
  onProgress?.(0, source.rows, what);
  try {
    for await (const block of source.blocks({ ...(blockRows && { blockRows }), ...(signal && { signal }) })) {
      signal?.throwIfAborted();
      const begun = await stage(block);
      begun.done.catch(() => {}); // it is awaited when its turn comes
      staged.push(begun);
      if (staged.length === STAGED_BLOCKS) await release(staged.shift());
      onProgress?.(block.firstRow + block.rows, source.rows, what);
    }
    while (staged.length > 0) await release(staged.shift());
  } finally {
    await Promise.allSettled(staged.map(({ done }) => done));
    for (const { buffer } of staged) buffer?.[Symbol.dispose]();
  }
}

/** Begins work at once; what it throws is told where it is awaited, so that the block's memory is freed in any case. */
export async function begin(work: () => Promise<void>): Promise<void> {
  await work();
}

async function release(block: StagedBlock | undefined): Promise<void> {
  try {
    await block?.done;
  } finally {
    block?.buffer?.[Symbol.dispose]();
  }
}
