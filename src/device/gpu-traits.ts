import type { GpuTraits } from "./kernel.js";

/** What kernels choose their shaders by. */
export function traitsOf({ limits, features }: GPUDevice): GpuTraits {
  return {
    invocations: limits.maxComputeInvocationsPerWorkgroup,
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
    subgroups: features.has("subgroups"),
    f16: features.has("shader-f16"),
  };
}
