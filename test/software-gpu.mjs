import { delimiter, join } from "node:path";

/**
 * The environment in which the Vulkan loader finds SwiftShader, which `node src/setup/run.mjs --tests` unpacked.
 * The dynamic linker reads it when a process starts, so it must be set before that.
 */
export function softwareGpu(root) {
  const folder = join(root, ".cache/swiftshader");
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return { VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"), LD_LIBRARY_PATH: libraries };
}
