import { DeviceError } from "../core/errors.js";

/** A GPU that WebGPU offers, hardware or software. */
export interface Adapter {
  readonly name: string;
  readonly software: boolean;
  readonly adapter: GPUAdapter;
}

/**
 * Toggles of Dawn: the safe mode keeps its checks of bounds, the fast one leaves them out. Neither zeroes workgroup
 * memory, which makes a tiled shader compile six times slower on a software GPU, and which no shader of ours relies on.
 */
const toggles = {
  safe: [
    "enable-dawn-features=allow_unsafe_apis,use_vulkan_memory_model,vulkan_enable_f16_on_nvidia,disable_workgroup_init",
  ],
  fast: [
    "enable-dawn-features=allow_unsafe_apis,use_vulkan_memory_model,vulkan_enable_f16_on_nvidia,disable_robustness,disable_workgroup_init,skip_validation",
  ],
} as const;

export type GpuMode = keyof typeof toggles;

const softwareNames = /swiftshader|llvmpipe|lavapipe|basic render/i;

/** Adapters must not be collected while a device of theirs lives: Dawn's instance goes with them. */
const instances: GPU[] = [];

/** Every adapter that can be had here. @throws DeviceError if WebGPU itself does not start */
export async function listAdapters(mode: GpuMode): Promise<Adapter[]> {
  if (process.platform === "linux" && !hasVulkanLoader()) return [];
  const gpu = await openGpu(mode);
  const requests: GPURequestAdapterOptions[] = [
    { powerPreference: "high-performance" },
    { powerPreference: "low-power" },
    { forceFallbackAdapter: true },
  ];
  const found = new Map<string, Adapter>();
  for (const request of requests) {
    const adapter = await gpu.requestAdapter(request).catch(() => null);
    if (!adapter) continue;
    const name = nameOf(adapter.info);
    if (!found.has(name)) found.set(name, { name, software: isSoftware(adapter.info), adapter });
  }
  return [...found.values()];
}

/** Whether the linker finds the library through which Dawn reaches GPUs: without it Dawn warns and finds none. */
function hasVulkanLoader(): boolean {
  try {
    process.dlopen({ exports: {} }, "libvulkan.so.1");
    return true;
  } catch (error) {
    return !(error instanceof Error && error.message.includes("cannot open shared object file")); // found, but no addon
  }
}

async function openGpu(mode: GpuMode): Promise<GPU> {
  try {
    const { create, globals } = await import("webgpu");
    for (const [name, value] of Object.entries(globals)) {
      if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    const gpu = create([...toggles[mode]]);
    instances.push(gpu);
    return gpu;
  } catch (cause) {
    throw new DeviceError("webgpu", cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause), {
      cause,
    });
  }
}

/** `SwiftShader device (Subzero)` and the like. */
function nameOf({ device, description, vendor, architecture }: GPUAdapterInfo): string {
  return device || description || `${vendor} ${architecture}`.trim() || "unnamed adapter";
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || softwareNames.test(`${info.device} ${info.description} ${info.architecture}`);
}
