import { ArgumentError, DeviceError } from "../core/errors.js";
import { suggest } from "../core/suggest.js";
import type { Adapter, GpuMode } from "./adapters.js";
import { loadAddon } from "./addon.js";
import type { Device, DeviceDescription } from "./device.js";
import { NativeDevice, type NativeOptions } from "./native.js";
import type { GpuOptions } from "./webgpu.js";

/** How a device is opened. */
export interface DeviceOptions extends NativeOptions, GpuOptions {
  /** `fast` leaves out the GPU driver layer's checks; results are the same. Default `safe`. */
  readonly mode?: GpuMode;
}

/** One line of `neurometry devices`. */
export interface DeviceFound {
  readonly name: string;
  readonly kind: "native" | "webgpu";
  /** What `auto` would open. */
  readonly chosen: boolean;
  /** Why it is not usable, or only by name; null if it is. */
  readonly reason: string | null;
  readonly description: DeviceDescription | null;
}

/**
 * Opens a device: `auto` (a hardware GPU if there is one, else native), `native`, `webgpu` (a
 * hardware GPU) or `webgpu:<part of an adapter's name>`, which also takes a software GPU.
 *
 * @throws ArgumentError for an unknown name, DeviceError for one that is not there
 */
export async function openDevice(name = "auto", options: DeviceOptions = {}): Promise<Device> {
  if (name === "native") return new NativeDevice(options);
  if (name === "auto") return await openAuto(options);
  if (name === "webgpu" || name.startsWith("webgpu:")) return await openGpu(name, options);
  throw new ArgumentError(
    "device",
    `auto, native, webgpu or webgpu:NAME${suggest(name, ["auto", "native", "webgpu"])}`,
    name,
  );
}

async function openAuto(options: DeviceOptions): Promise<Device> {
  const { adapters } = await tryAdapters(options.mode);
  const hardware = adapters.find(({ software }) => !software);
  return hardware ? await openAdapter(hardware, options) : new NativeDevice(options);
}

async function openGpu(name: string, options: DeviceOptions): Promise<Device> {
  const { adapters, problem } = await tryAdapters(options.mode);
  const wanted = name.slice("webgpu:".length).toLowerCase();
  const adapter = adapters.find(({ name, software }) => (wanted ? name.toLowerCase().includes(wanted) : !software));
  if (adapter) return await openAdapter(adapter, options);
  throw new DeviceError(name, problem ?? whyNot(wanted, adapters));
}

function whyNot(wanted: string, adapters: readonly Adapter[]): string {
  const names = adapters.map(({ name }) => name).join(", ");
  if (wanted) return `no adapter has that in its name; found: ${names}`;
  return `the only GPU here is a software one (${names}), which is taken only by name: webgpu:${adapters[0]!.name.split(" ")[0]}`;
}

/** The adapters, or a sentence that says why there are none. */
async function tryAdapters(mode: GpuMode = "safe"): Promise<{ adapters: readonly Adapter[]; problem?: string }> {
  try {
    const { listAdapters } = await import("./adapters.js");
    const adapters = await listAdapters(mode);
    return adapters.length
      ? { adapters }
      : { adapters, problem: "no adapter found: no GPU driver, or no Vulkan loader (libvulkan.so.1)" };
  } catch (error) {
    return { adapters: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

async function openAdapter({ name, adapter }: Adapter, options: GpuOptions): Promise<Device> {
  const { WebGpuDevice } = await import("./webgpu.js");
  const description = describeAdapter(name, adapter);
  const wanted = ["subgroups", "timestamp-query", "shader-f16"] as const;
  const gpu = await adapter
    .requestDevice({
      requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
      requiredLimits: description.limits,
    })
    .catch((cause: unknown) => {
      throw new DeviceError(description.name, cause instanceof Error ? cause.message : String(cause), { cause });
    });
  return new WebGpuDevice(gpu, description, options);
}

const reportedLimits = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

function describeAdapter(name: string, adapter: GPUAdapter): DeviceDescription {
  const limits = Object.fromEntries(reportedLimits.map((limit) => [limit, adapter.limits[limit]]));
  return { kind: "webgpu", name: `webgpu:${name}`, features: [...adapter.features].sort(), limits };
}

/** Everything found on this machine, what `auto` would choose, and why something is not usable. */
export async function listDevices(): Promise<DeviceFound[]> {
  const { adapters, problem } = await tryAdapters();
  const native = findNative();
  const hardware = adapters.find(({ software }) => !software);
  const gpus = adapters.map(({ name, software, adapter }): DeviceFound => {
    const reason = software ? "a software GPU, taken only when asked for by name" : null;
    return {
      name: `webgpu:${name}`,
      kind: "webgpu",
      chosen: adapter === hardware?.adapter,
      reason,
      description: describeAdapter(name, adapter),
    };
  });
  const none: DeviceFound[] = problem
    ? [{ name: "webgpu", kind: "webgpu", chosen: false, reason: problem, description: null }]
    : [];
  return [{ ...native, chosen: !hardware && native.reason === null }, ...gpus, ...none];
}

function findNative(): Omit<DeviceFound, "chosen"> {
  try {
    const { isa, available, features, cores } = loadAddon().describe();
    const description: DeviceDescription = {
      kind: "native",
      name: "native",
      features: [`isa:${isa}`, ...available.filter((name) => name !== isa).map((name) => `also:${name}`), ...features],
      limits: { threads: cores },
    };
    return { name: "native", kind: "native", reason: null, description };
  } catch (error) {
    return {
      name: "native",
      kind: "native",
      reason: error instanceof Error ? error.message : String(error),
      description: null,
    };
  }
}
