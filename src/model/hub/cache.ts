import { copyFile, mkdir, readFile, symlink, unlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { exists, fileError, writeFileAtomically } from "../../core/files.js";
import { isCommit, type ModelId } from "./model-id.js";

/**
 * One model's place in the cache, laid out as huggingface_hub does: `blobs/` has contents by their hash, `snapshots/`
 * a folder of links to them for each commit, `refs/` the commit of each branch or tag.
 */
export class ModelCache {
  readonly folder: string;

  constructor(
    cache: string,
    readonly id: ModelId,
  ) {
    this.folder = join(cache, ["models", ...id.name.split("/")].join("--"));
  }

  /** Where a content is, or will be. */
  blob(hash: string): string {
    return join(this.folder, "blobs", hash);
  }

  /** The folder of a commit. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** The commit that the revision was when it was last asked for; null where it never was. */
  async commit(): Promise<string | null> {
    const { revision } = this.id;
    if (isCommit(revision)) return revision;
    const path = join(this.folder, "refs", revision);
    if (!(await exists(path))) return null;
    const commit = (await readFile(path, "utf8")).trim();
    return isCommit(commit) ? commit : null;
  }

  /** Remembers which commit the revision is. */
  async remember(commit: string): Promise<void> {
    if (isCommit(this.id.revision) || (await this.commit()) === commit) return;
    const path = join(this.folder, "refs", this.id.revision);
    await makeFolderOf(path);
    await writeFileAtomically(path, commit);
  }

  /** Makes a file of a snapshot a link to its content; a copy where the system has no links. */
  async link(commit: string, file: string, hash: string): Promise<void> {
    const path = join(this.snapshot(commit), file);
    await makeFolderOf(path);
    try {
      await unlink(path).catch(() => undefined); // none was there
      await symlink(relative(dirname(path), this.blob(hash)), path);
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || error.code !== "EPERM")
        throw fileError(path, error, "written");
      await copyFile(this.blob(hash), path);
    }
  }
}

/** Makes the folder that a file is to be in. @throws FileError if it cannot be made */
export async function makeFolderOf(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw fileError(path, error, "written");
  }
}
