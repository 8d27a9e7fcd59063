import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { FileError } from "../../core/errors.js";
import { exists, fileError, writeWhole } from "../../core/files.js";

/** What a sweep is of: two with the same, cut into the same batches, compute the same numbers in the same order. */
export type SweepIdentity = Readonly<Record<string, string | number | null>>;

/** How a sweep is cut into batches: numbers of other batches differ in their last bits, so it goes on with its own. */
export interface JournalBatches {
  /** Tokens of a forward batch at most. */
  readonly batchTokens: number;
  /** Ablations that go through all passages before the next ones do. */
  readonly spanAblations: number;
}

export interface JournalOptions {
  /** What to do where a sweep is there already: go on with it, or refuse another one (the default), or begin anew. */
  readonly existing?: "refuse" | "replace";
}

const format = "neurometry sweep 3";
const formatOfAnyVersion = /^neurometry sweep \d+$/;
const digestBytes = 32;
const longestHeader = 1 << 16;

/** Records are handed to the disk at least this often. */
const syncMilliseconds = 1000;

/**
 * What a sweep has measured so far, in a file that survives a kill: a line that says of what the sweep is, then a record
 * for every forward batch, its SHA-256 and its numbers as float64. What a kill cut short at the end is dropped.
 */
export class SweepJournal implements AsyncDisposable {
  #place: number;
  #record = 0;
  #reading = true;
  #synced = performance.now();

  private constructor(
    readonly path: string,
    readonly file: FileHandle,
    headerBytes: number,
  ) {
    this.#place = headerBytes;
  }

  /**
   * Begins a journal, or opens what a run that was cut short left behind.
   *
   * @param batches those of `batchesOfJournal`, where a sweep was cut short
   * @throws FileError for the journal of another sweep
   */
  static async open(path: string, identity: SweepIdentity, batches: JournalBatches, options: JournalOptions = {}) {
    const { batchTokens, spanAblations } = batches;
    const whole = { ...identity, batchTokens, spanAblations };
    const header = new TextEncoder().encode(`${JSON.stringify({ format, ...whole })}\n`);
    const file = await openFile(path);
    try {
      const old = await readHeader(file);
      if (old !== null && isContinued(old, whole, path, options)) return new SweepJournal(path, file, header.length);
      await file.truncate(0);
      await writeWhole(file, header, 0);
      await file.datasync();
      return new SweepJournal(path, file, header.length);
    } catch (error) {
      await file.close();
      throw fileError(path, error, "written");
    }
  }

  /** The numbers of the next batch as an earlier run left them; null from where it was cut short. */
  async next(count: number): Promise<Float64Array | null> {
    if (!this.#reading) return null;
    const record = new Uint8Array(digestBytes + 8 * count);
    const { bytesRead } = await this.file.read(record, 0, record.length, this.#place);
    const values = new Float64Array(record.slice(digestBytes).buffer);
    const whole = bytesRead === record.length && this.#digest(values).equals(record.subarray(0, digestBytes));
    if (whole) {
      this.#advance(record.length);
      return values;
    }
    this.#reading = false;
    await this.file.truncate(this.#place);
    return null;
  }

  /** Keeps the numbers of a batch. @throws FileError where they cannot be written, as on a full disk */
  async append(values: Float64Array): Promise<void> {
    const numbers = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const record = Buffer.concat([this.#digest(values), numbers]);
    try {
      await writeWhole(this.file, record, this.#place);
      this.#advance(record.length);
      if (performance.now() - this.#synced < syncMilliseconds) return;
      await this.file.datasync();
      this.#synced = performance.now();
    } catch (error) {
      throw fileError(this.path, error, "written");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close();
  }

  #advance(bytes: number): void {
    this.#place += bytes;
    this.#record++;
  }

  /** Of a record's place in the order too. */
  #digest(values: Float64Array): Buffer {
    return createHash("sha256").update(Float64Array.of(this.#record)).update(values).digest();
  }
}

/**
 * The batches of the sweep that a journal keeps, which whoever continues it computes again; null where there is none.
 *
 * @throws FileError for the journal of another sweep: it says what is other
 */
export async function batchesOfJournal(path: string, identity: SweepIdentity): Promise<JournalBatches | null> {
  if (!(await exists(path))) return null;
  await using file = await openFile(path);
  const old = await readHeader(file);
  if (old === null || !isContinued(old, identity, path)) return null;
  const { batchTokens, spanAblations } = parse(old) ?? {};
  return { batchTokens: Number(batchTokens), spanAblations: Number(spanAblations) };
}

/** Removes a journal whose result is written. */
export async function removeJournal(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    await (await open(path, "a")).close(); // makes it where there is none, and empties nothing
    return await open(path, "r+");
  } catch (error) {
    throw fileError(path, error, "written");
  }
}

/** The first line of a journal; null where none was written whole. */
async function readHeader(file: FileHandle): Promise<string | null> {
  const start = Buffer.alloc(longestHeader);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  const end = start.subarray(0, bytesRead).indexOf("\n");
  return end < 0 && bytesRead < longestHeader ? null : start.toString("utf8", 0, Math.max(0, end));
}

/** Whether a journal is of this sweep, which is to go on. @throws FileError for one that is not */
function isContinued(
  line: string,
  identity: SweepIdentity,
  path: string,
  { existing = "refuse" }: JournalOptions = {},
) {
  const old = parse(line);
  if (!old || !formatOfAnyVersion.test(String(old.format)))
    throw new FileError(path, "is there already and is no sweep that was cut short");
  if (existing === "replace") return false;
  if (old.format !== format)
    throw new FileError(
      path,
      `holds a sweep as another version writes it (${old.format}; here ${format}): choose another name, or begin anew with --force`,
    );
  const changed = Object.keys(identity).find((name) => old[name] !== identity[name]);
  if (changed === undefined) return true;
  throw new FileError(
    path,
    `holds a sweep with another ${changed}${shown(old[changed])}: continue that one, choose another name, or begin anew with --force`,
  );
}

/** What the other sweep has, where a reader can make something of it. */
function shown(value: unknown): string {
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return "";
  return ` (${value ?? "none"})`;
}

function parse(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
