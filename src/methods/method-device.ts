import type { Device } from "../device/device.js";
import { openDevice } from "../device/select.js";

/**
 * Runs a method's work on the device it was given, or on one that is opened for it (a hardware GPU if there is one,
 * else native) and closed afterwards.
 */
export async function onDevice<Result>(
  given: Device | undefined,
  work: (device: Device) => Promise<Result>,
): Promise<Result> {
  if (given) return await work(given);
  await using device = await openDevice();
  return await work(device);
}
