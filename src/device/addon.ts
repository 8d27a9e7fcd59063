import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../core/errors.js";
import type { HostArray } from "./device.js";
import { expectSources } from "./native-sources.js";

declare const handle: unique symbol;
type Handle<Name extends string> = { readonly [handle]: Name };
export type NativeQueue = Handle<"queue">;
export type NativeMemory = Handle<"memory">;
export type NativeProgram = Handle<"program">;

/** What the addon says of this machine. */
export interface NativeDescription {
  /** The instruction set in use. */
  readonly isa: string;
  /** The instruction sets that this machine can run. */
  readonly available: readonly string[];
  /** CPU features. */
  readonly features: readonly string[];
  /** Cores that this process may use. */
  readonly cores: number;
  /** Kernel names, in the order of the table that programs index. */
  readonly kernels: readonly string[];
  /** The fingerprint of the sources that it was built from. */
  readonly sources: string;
}

/** The exports of native/binding/addon.cpp. */
export interface Addon {
  open(threads: number): NativeQueue;
  close(queue: NativeQueue): void;
  allocate(bytes: number): NativeMemory;
  zeros(queue: NativeQueue, bytes: number): NativeMemory;
  upload(array: HostArray): NativeMemory;
  map(path: string, byteOffset: number, bytes: number): NativeMemory;
  release(memory: NativeMemory): void;
  write(queue: NativeQueue, memory: NativeMemory, byteOffset: number, array: HostArray): Promise<void>;
  download(queue: NativeQueue, memory: NativeMemory, byteOffset: number, array: HostArray): Promise<void>;
  compile(code: Float64Array): NativeProgram;
  /** Gives a program's memory back once no queued job needs it. */
  discard(program: NativeProgram): void;
  submit(
    queue: NativeQueue,
    program: NativeProgram,
    memories: readonly NativeMemory[],
    byteOffsets: Float64Array,
    parameters: Float64Array,
  ): Promise<void>;
  /** In place, rows one behind the other. */
  orthonormalize(queue: NativeQueue, matrix: Float64Array, rows: number): Promise<void>;
  describe(): NativeDescription;
}

const built = fileURLToPath(new URL("../../build/Release/neurometry.node", import.meta.url));
const prebuilt = `@neurometry/${process.platform}-${process.arch}`;
let loaded: Addon | undefined;

/**
 * Loads the addon: what was built here, else the prebuilt package.
 *
 * @throws DeviceError that says what was tried, or that the addon is of other sources than those that lie here
 */
export function loadAddon(): Addon {
  if (loaded) return loaded;
  const addon = load();
  expectSources(addon.describe());
  loaded = addon;
  return addon;
}

function load(): Addon {
  const require = createRequire(import.meta.url);
  try {
    return require(existsSync(built) ? built : prebuilt) as Addon;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new DeviceError("native", `the addon could not be loaded (tried ${built}, then ${prebuilt}): ${reason}`, {
      cause,
    });
  }
}
