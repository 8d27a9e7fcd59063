import { ArgumentError, DeviceError, FileError } from "../core/errors.js";

/** How a command ended: 0 done, 1 our failure or the machine's, 2 the user's mistake, 130 stopped by Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130;

/** What to say about a failure, in one sentence, and how to exit. */
export interface Failure {
  readonly sentence: string;
  readonly code: ExitCode;
}

/** What the machine did, not the user: a full disk, a broken one, a network that is down. */
const machineCodes = ["ENOSPC", "EDQUOT", "EFBIG", "EIO", "ENOMEM", "EMFILE", "ENFILE", "ENETWORK"];

/** Turns whatever was thrown into one sentence without a stack trace, and an exit code. */
export function explain(error: unknown, stopped: boolean): Failure {
  if (stopped) return { sentence: "Stopped.", code: 130 };
  const sentence = oneSentence(error instanceof Error ? error.message : String(error));
  if (error instanceof ArgumentError || error instanceof DeviceError) return { sentence, code: 2 };
  if (error instanceof FileError) return { sentence, code: machineCodes.includes(codeOf(error.cause)) ? 1 : 2 };
  return { sentence: `neurometry failed: ${sentence}`, code: 1 };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function oneSentence(message: string): string {
  return message.replace(/\s*\n\s*/g, " ").trim();
}
