/** The environment in which the Vulkan loader finds SwiftShader, which `node src/setup/run.mjs --tests` unpacked. */
export function softwareGpu(root: string): Record<string, string>;
