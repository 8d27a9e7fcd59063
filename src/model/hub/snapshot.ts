import { realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { FileError } from "../../core/errors.js";
import { exists } from "../../core/files.js";
import type { Progress } from "../../core/progress.js";
import { readShardNames } from "../checkpoint.js";
import { ModelCache } from "./cache.js";
import { download } from "./download.js";
import { type HubEnvironment, readHubEnvironment } from "./environment.js";
import { type HubFile, type Listing, listModel } from "./listing.js";
import { isCommit, type ModelId } from "./model-id.js";
import type { HubRequest } from "./request.js";

/** How a model is fetched: where from is the environment's (`HF_HOME`, `HF_ENDPOINT` …) unless it is given. */
export interface SnapshotOptions extends Progress, Pick<HubRequest, "pauses" | "patience"> {
  readonly environment?: HubEnvironment;
}

const weights = "model.safetensors";
const weightsIndex = `${weights}.index.json`;

/** What a vocabulary without tokenizer.json is read from. */
const vocabularyFiles = [
  "vocab.txt",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
];

/**
 * Fetches what is needed of a model (config, weights, tokenizer) into the cache that huggingface_hub uses, where it is
 * not there already, and gives its folder.
 *
 * @throws FileError for a model, revision or file that is not there or not ours to see, weights that are no safetensors,
 * a content that is corrupt, a connection that keeps failing, or `HF_HUB_OFFLINE` and nothing in the cache
 */
export async function modelSnapshot(id: ModelId, options: SnapshotOptions = {}): Promise<string> {
  const { environment = await readHubEnvironment(), ...rest } = options;
  const request: HubRequest = { id, environment, ...rest };
  const cache = new ModelCache(environment.cache, id);
  if (environment.offline) return await cachedSnapshot(cache);
  if (isCommit(id.revision) && (await isComplete(cache.snapshot(id.revision)))) return cache.snapshot(id.revision);
  const listing = await listModel(request);
  const total = new Transfer(request, cache, listing, options);
  await total.fetch(await namesOf(request, listing));
  if (!listing.files.has(weights)) {
    await total.fetch(
      expectListed(id, listing, await readShardNames(join(cache.snapshot(listing.commit), weightsIndex))),
    );
  }
  await cache.remember(listing.commit);
  return cache.snapshot(listing.commit);
}

async function cachedSnapshot(cache: ModelCache): Promise<string> {
  const commit = await cache.commit();
  if (commit !== null && (await isComplete(cache.snapshot(commit)))) return cache.snapshot(commit);
  const { name, revision } = cache.id;
  const which = revision === "main" ? "" : ` at ${revision}`;
  throw new FileError(
    name,
    `Expected a model's directory, or this model${which} in the cache as HF_HUB_OFFLINE is set, but ${cache.folder} lacks it`,
  );
}

/** Whether a folder has what a model needs. */
async function isComplete(folder: string): Promise<boolean> {
  const has = (name: string) => exists(join(folder, name));
  const hasWeights = async () => {
    if (await has(weights)) return true;
    if (!(await has(weightsIndex))) return false;
    const shards = await readShardNames(join(folder, weightsIndex));
    return (await Promise.all(shards.map(has))).every(Boolean);
  };
  return (await has("config.json")) && (await hasWeights());
}

/** What is needed of a model's files, but for the shards that an index names. */
async function namesOf({ id }: HubRequest, { files }: Listing): Promise<string[]> {
  if (!files.has("config.json")) throw new FileError(id.name, "Expected config.json among its files but there is none");
  const found = [weights, weightsIndex].find((name) => files.has(name));
  if (found === undefined) throw noSafetensors(id, [...files.keys()]);
  const vocabulary = files.has("tokenizer.json")
    ? ["tokenizer.json"]
    : vocabularyFiles.filter((name) => files.has(name));
  return ["config.json", ...vocabulary, found];
}

function noSafetensors({ name }: ModelId, files: readonly string[]): FileError {
  const other = files.find((file) => /\.(bin|pt|pth|h5|msgpack|gguf|onnx)(\.index\.json)?$/.test(file));
  const problem = `Expected ${weights} or ${weightsIndex} among its files but there is neither`;
  if (other === undefined) return new FileError(name, problem);
  return new FileError(
    name,
    `${problem}, only ${other}: load it with transformers and save_pretrained it, or name a revision with safetensors (${name}@refs/pr/…)`,
  );
}

function expectListed({ name }: ModelId, { files }: Listing, names: readonly string[]): readonly string[] {
  const missing = names.find((shard) => !files.has(shard));
  if (missing !== undefined)
    throw new FileError(name, `Expected ${missing}, which ${weightsIndex} names, but the hub does not list it`);
  return names;
}

/** Fetches files of one listing and tells how much of them is there. */
class Transfer {
  #before = 0;

  constructor(
    readonly request: HubRequest,
    readonly cache: ModelCache,
    readonly listing: Listing,
    readonly progress: Progress,
  ) {}

  async fetch(names: readonly string[]): Promise<void> {
    const files = names.map((name) => this.listing.files.get(name)!);
    const missing: HubFile[] = [];
    for (const file of files) if (!(await hasBytes(this.cache.blob(file.hash), file.bytes))) missing.push(file);
    const total = missing.reduce((sum, { bytes }) => sum + bytes, this.#before);
    for (const file of missing) await this.#download(file, total);
    for (const file of files) {
      const path = join(this.cache.snapshot(this.listing.commit), file.path);
      if (!(await leadsTo(path, this.cache.blob(file.hash))))
        await this.cache.link(this.listing.commit, file.path, file.hash);
    }
  }

  async #download(file: HubFile, total: number): Promise<void> {
    const { request, listing, cache } = this;
    const what = `of ${request.id.name} (${showBytes(total)})`;
    const onBytes = (done: number) => this.progress.onProgress?.(this.#before + done, total, what);
    await download(request, { file, commit: listing.commit, blob: cache.blob(file.hash), onBytes });
    this.#before += file.bytes;
  }
}

async function hasBytes(path: string, bytes: number): Promise<boolean> {
  return (await exists(path)) && (await stat(path)).size === bytes;
}

async function leadsTo(path: string, blob: string): Promise<boolean> {
  return (await exists(path)) && basename(await realpath(path)) === basename(blob);
}

function showBytes(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${size.toPrecision(3)} ${unit}`;
}
