/** The caller passed something this library cannot accept. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";

  constructor(
    readonly argument: string,
    readonly expected: string,
    readonly received: unknown,
  ) {
    super(`Expected ${expected} for ${argument} but received ${describe(received)}`);
  }
}

/** A file is missing, damaged, or not what it should be. `where` is a byte or a line, as in "line 12". */
export class FileError extends Error {
  override readonly name = "FileError";

  constructor(
    readonly path: string,
    readonly problem: string,
    readonly where?: string,
    options?: ErrorOptions,
  ) {
    super(`${path}${where === undefined ? "" : `, ${where}`}: ${problem}`, options);
  }
}

/** The machine cannot do this: a device could not be opened, was lost, or is too small. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";

  constructor(
    readonly device: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot use the ${device} device: ${reason}`, options);
  }
}

/** A kernel failed while it ran: our mistake. The device's own error is the `cause`. */
export class KernelError extends Error {
  override readonly name = "KernelError";

  constructor(
    readonly kernel: string,
    cause: unknown,
  ) {
    super(`Kernel ${kernel} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A value as an error sentence shows it: short, and unmistakable about its type. */
export function describe(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  return String(value);
}
