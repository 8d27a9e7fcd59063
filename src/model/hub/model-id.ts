import { ArgumentError } from "../../core/errors.js";

/** A model of the hub: `gpt2`, `org/name`, `org/name@revision`. */
export interface ModelId {
  readonly name: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

/** One part of a name: the hub allows letters, digits, `-`, `_` and `.`, but neither at an end nor twice in a row. */
const part = "[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}_]|[-.](?![-.]))*";

/** Takes `org/name@revision` apart; null for what cannot be a model's name, such as a path. */
export function parseModelId(text: string): ModelId | null {
  const found = new RegExp(`^(${part}(?:/${part})?)(?:@(.+))?$`, "u").exec(text);
  if (!found?.[1] || /[-.]$/.test(found[1])) return null;
  const revision = found[2] ?? "main";
  if (revision.split("/").some((step) => ["", ".", ".."].includes(step)) || /[\s\\?#:]/.test(revision)) {
    throw new ArgumentError("revision", "a branch, a tag or a commit behind the @", revision);
  }
  return { name: found[1], revision };
}

/** Whether a revision is a commit, which never changes. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}
