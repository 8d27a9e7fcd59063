import type { DeviceBuffer } from "../device/device.js";
import type { RecurrentState } from "./model.js";

/** Hidden states and cells of some sequences: (layer, vector, sequence) × width float32 on the device. */
export class DeviceState implements RecurrentState {
  constructor(
    readonly buffer: DeviceBuffer,
    readonly sequences: number,
    readonly rows: number,
  ) {}

  [Symbol.dispose](): void {
    this.buffer[Symbol.dispose]();
  }
}
