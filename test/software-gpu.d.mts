/** The environment in which the Vulkan loader finds SwiftShader, which `node setup.mjs --tests` unpacked. */
export function softwareGpu(root: string): Record<string, string>;
