import type { Device } from "../src/device/device.js";
import { type DeviceOptions, openDevice } from "../src/device/select.js";

/**
 * The devices that every suite runs on: native (NEUROMETRY_ISA chooses the instruction set) and
 * software WebGPU, or those that NEUROMETRY_TEST_DEVICES lists. One that is missing fails the suite.
 */
export const deviceNames = process.env.NEUROMETRY_TEST_DEVICES?.split(",") ?? ["native", "webgpu:SwiftShader"];

/** Opens one of them with fresh memory full of NaN, so that reading what nobody wrote shows. */
export async function openTestDevice(name: string, options: DeviceOptions = {}): Promise<Device> {
  return await openDevice(name, { poison: true, ...options });
}

/** Name and opener of each device, for `describe.each(devices)`. */
export const devices = deviceNames.map(
  (name) => [name, (options?: DeviceOptions) => openTestDevice(name, options)] as const,
);
