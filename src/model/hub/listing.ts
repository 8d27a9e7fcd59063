import { FileError } from "../../core/errors.js";
import { isCommit } from "./model-id.js";
import { askHub, type HubRequest, Interruption, persist, reasonOf } from "./request.js";

/** A file of a model on the hub. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the content where the file is large (LFS), else git's SHA-1 of it: the name that the cache gives it. */
  readonly hash: string;
}

/** A model as it stands at one commit. */
export interface Listing {
  readonly commit: string;
  readonly files: ReadonlyMap<string, HubFile>;
}

/** Finds the commit of a revision and lists the files in its top folder. @throws FileError */
export async function listModel(request: HubRequest): Promise<Listing> {
  const attempt = () => list(request).catch((error: unknown) => interrupted(request, error));
  return await persist(request, "a model's directory, or its list of files", attempt);
}

async function list(request: HubRequest): Promise<Listing> {
  const { listFiles, modelInfo } = await import("@huggingface/hub");
  const { id, environment } = request;
  const asked = { hubUrl: environment.endpoint, fetch: asFetch(request) };
  const revision = { name: id.name, revision: id.revision, additionalFields: ["sha"] as ["sha"] };
  const commit = isCommit(id.revision) ? id.revision : (await modelInfo({ ...asked, ...revision })).sha;
  if (!isCommit(commit)) throw malformed(request, `the commit ${JSON.stringify(commit)}`);
  const files = new Map<string, HubFile>();
  const repo = { type: "model", name: id.name } as const;
  for await (const { type, path, size, oid, lfs } of listFiles({ ...asked, repo, revision: commit })) {
    const hash = lfs?.oid ?? oid ?? "";
    if (type !== "file") continue;
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) throw malformed(request, `the hash "${hash}" for ${path}`);
    files.set(path, { path, bytes: lfs?.size ?? size, hash });
  }
  return { commit, files };
}

/** What the library throws about an answer that broke off, or is no listing. A host that no name server knows is not asked again. */
function interrupted({ id, environment }: HubRequest, error: unknown): never {
  if (error instanceof FileError) throw error;
  const cause = error instanceof Interruption ? error : new Interruption(reasonOf(error), { cause: error });
  if (cause.message !== "ENOTFOUND") throw cause;
  const problem = `Expected a model's directory or a model of ${environment.endpoint} but there is no such directory, and the network does not find that host; HF_HUB_OFFLINE=1 takes what the cache has`;
  throw new FileError(id.name, problem, undefined, { cause });
}

/** What the library calls in place of fetch. */
function asFetch(request: HubRequest): typeof fetch {
  return (input, init) => askHub(request, input instanceof Request ? input.url : String(input), init);
}

function malformed({ id, environment }: HubRequest, received: string): FileError {
  return new FileError(id.name, `Expected a listing of ${environment.endpoint} but received ${received}`);
}
