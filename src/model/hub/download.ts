import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { FileError } from "../../core/errors.js";
import { exists, fileError } from "../../core/files.js";
import { makeFolderOf } from "./cache.js";
import type { HubFile } from "./listing.js";
import { askHub, defaultPatience, type HubRequest, Interruption, persist, reasonOf } from "./request.js";

/** A file of a commit, and where its content is to be. */
export interface Download {
  readonly file: HubFile;
  readonly commit: string;
  readonly blob: string;
  /** Told how many of the file's bytes are there. */
  readonly onBytes: (done: number) => void;
}

/**
 * Downloads a content whole and checked, or goes on where an earlier attempt stopped: what has come stands in
 * `<hash>.incomplete`, which huggingface_hub continues too. A content that was continued and does not have its hash is
 * loaded once more from the start.
 *
 * @throws FileError for a content whose size or hash is not what the hub lists, or a connection that keeps failing
 */
export async function download(request: HubRequest, job: Download): Promise<void> {
  const { file, blob } = job;
  const partial = `${blob}.incomplete`;
  await makeFolderOf(blob);
  const continued = (await exists(partial)) && (await stat(partial)).size > 0;
  try {
    let furthest = 0;
    await persist(request, file.path, (again) => {
      return attempt(request, job, partial, (done) => {
        if (done > furthest) again();
        furthest = Math.max(furthest, done);
        job.onBytes(done);
      });
    });
    const right = await hasHash(partial, file);
    if (!right) await rm(partial);
    if (!right && continued) return await download(request, job);
    if (!right)
      throw new FileError(file.path, `Expected a content of the hash ${file.hash} but another came: it is corrupt`);
    await rename(partial, blob);
  } catch (error) {
    throw fileError(blob, error, "written");
  }
}

async function attempt(
  request: HubRequest,
  { file, commit }: Download,
  partial: string,
  onBytes: (done: number) => void,
): Promise<void> {
  const there = (await exists(partial)) ? (await stat(partial)).size : 0;
  const start = there > file.bytes ? 0 : there;
  if (start === file.bytes) return await (await open(partial, "a")).close(); // an empty one may not be there yet
  const { id, environment, signal } = request;
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const url = `${environment.endpoint}/${id.name}/resolve/${commit}/${path}`;
  using quiet = new Quiet(request.patience ?? defaultPatience);
  const response = await askHub(request, url, {
    ...(start > 0 && { headers: { range: `bytes=${start}-` } }),
    signal: signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal,
  });
  const from = response.status === 206 ? firstByteOf(response, start) : 0;
  checkSize(request, file, response, from);
  const target = await open(partial, from > 0 ? "r+" : "w");
  try {
    await receive(response, target, from, file, (done) => {
      quiet.reset();
      onBytes(done);
    });
  } finally {
    await target.close();
  }
}

/** Writes what comes, from byte `from` on. @throws Interruption where it ends too early; FileError where it goes on */
async function receive(
  response: Response,
  target: FileHandle,
  from: number,
  file: HubFile,
  onBytes: (done: number) => void,
): Promise<void> {
  let done = from;
  const chunks = response.body?.[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array> | undefined;
    try {
      next = await chunks?.next();
    } catch (cause) {
      throw new Interruption(reasonOf(cause), { cause });
    }
    if (!next || next.done) break;
    if (done + next.value.length > file.bytes) throw wrongSize(file, `more than ${done} bytes came`);
    await target.write(next.value, 0, next.value.length, done);
    done += next.value.length;
    onBytes(done);
  }
  if (done < file.bytes) throw new Interruption(`${file.path} ended after ${done} of ${file.bytes} bytes`);
}

/** Aborts when nothing has come for a while. */
class Quiet implements Disposable {
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(readonly patience: number) {
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  reset(): void {
    this[Symbol.dispose]();
    this.#timer = this.#start();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#stop.abort(new DOMException("nothing came", "TimeoutError")), this.patience);
  }
}

/** The byte at which a partial answer begins: the one that was asked for, or nothing can be joined. */
function firstByteOf(response: Response, asked: number): number {
  const found = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  if (Number(found?.[1]) !== asked) throw new Interruption("a part came that was not asked for");
  return asked;
}

function checkSize({ id }: HubRequest, file: HubFile, response: Response, from: number): void {
  const length = response.headers.get("content-length");
  if (length === null || Number(length) === file.bytes - from) return;
  throw wrongSize(file, `${from + Number(length)} are offered`, id.name);
}

function wrongSize({ path, bytes }: HubFile, received: string, name = path): FileError {
  return new FileError(name, `Expected ${bytes} bytes of ${path}, as the hub lists, but ${received}: it is corrupt`);
}

/** Compares a file with its SHA-256 (64 digits) or git's SHA-1 of its content (40). */
async function hasHash(path: string, { hash, bytes }: HubFile): Promise<boolean> {
  const sum: Hash = hash.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) sum.update(chunk);
  return sum.digest("hex") === hash;
}
