import { statSync } from "node:fs";
import { FileError } from "../core/errors.js";

/** Files as they are now: where each lies on the disk, its size and when it was last written to. */
export type FileStates = ReadonlyMap<string, string>;

export function statesOf(paths: readonly string[]): FileStates {
  return new Map(paths.map((path) => [path, stateOf(path)]));
}

/**
 * For the end of a pass over files that were mapped or read piece by piece: what came of them counts only where they
 * are what they were. Two changes within a tick of the system's clock (some milliseconds) look like one.
 *
 * @throws FileError for the first that was replaced or written to since
 */
export function expectUnchanged(states: FileStates): void {
  for (const [path, before] of states) {
    if (stateOf(path) !== before) throw new FileError(path, "was written to while it was read: read it again");
  }
}

function stateOf(path: string): string {
  const state = statSync(path, { bigint: true, throwIfNoEntry: false });
  return state ? `${state.dev} ${state.ino} ${state.size} ${state.mtimeNs}` : "gone";
}
