import type { Device } from "../src/device/device.js";
import { type DeviceOptions, openDevice } from "../src/device/select.js";

/**
 * The devices that every suite runs on: native (NEUROMETRY_ISA chooses the instruction set) and
 * software WebGPU. One that is missing fails the suite; nothing is skipped.
 */
export const deviceNames = ["native", "webgpu:SwiftShader"] as const;

/** Opens one of them with fresh memory full of NaN, so that reading what nobody wrote shows. */
export async function openTestDevice(name: string, options: DeviceOptions = {}): Promise<Device> {
  return await openDevice(name, { poison: true, ...options });
}

/** Name and opener of each device, for `describe.each(devices)`. */
export const devices = deviceNames.map(
  (name) => [name, (options?: DeviceOptions) => openTestDevice(name, options)] as const,
);
