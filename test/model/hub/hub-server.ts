import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A file of a model on the test's hub. */
export interface ServedFile {
  readonly content: Buffer;
  /** Large files: their hash is SHA-256, and they come from the storage host after a redirect. */
  readonly large?: true;
}

/** What goes wrong with one answer. */
export type Fault =
  | { readonly dropAfter: number }
  | { readonly status: number; readonly code?: string }
  | { readonly content: Buffer }
  | { readonly ignoreRange: true }
  | { readonly stall: true };

export interface Received {
  readonly host: "hub" | "storage";
  readonly path: string;
  readonly token: string | null;
  readonly range: string | null;
}

/** A hub on this machine that speaks the protocol: revisions, listings in pages, files with ranges, redirects. */
export class HubServer implements AsyncDisposable {
  readonly requests: Received[] = [];
  readonly files = new Map<string, ServedFile>();
  /** The faults of a path's next answers, the first first. */
  readonly faults = new Map<string, Fault[]>();
  /** Where the other side keeps what comes: a connection drops once all that was sent is there. */
  cache = "";
  commit = "a".repeat(40);
  readonly #hub: Server;
  readonly #storage: Server;

  constructor(readonly name: string) {
    this.#hub = createServer((request, response) => this.#answer("hub", request, response));
    this.#storage = createServer((request, response) => this.#answer("storage", request, response));
  }

  async listen(): Promise<this> {
    await new Promise<void>((done) => this.#hub.listen(0, "127.0.0.1", done));
    await new Promise<void>((done) => this.#storage.listen(0, "127.0.0.1", done));
    return this;
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  /** Paths of files that were asked for, in their order, without listings. */
  get downloads(): string[] {
    return this.requests.filter(({ path }) => path.includes("/resolve/")).map(({ path }) => path.split("/").at(-1)!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  #answer(host: Received["host"], request: IncomingMessage, response: ServerResponse): unknown {
    const url = new URL(request.url ?? "/", this.endpoint);
    const token = request.headers.authorization ?? null;
    this.requests.push({ host, path: url.pathname, token, range: request.headers.range ?? null });
    const file = url.pathname.split("/").at(-1)!;
    const fault = this.faults.get(host === "storage" ? `storage/${file}` : file)?.shift();
    if (fault && "status" in fault) return refuse(response, fault.status, fault.code);
    if (host === "hub" && url.pathname.startsWith("/api/")) return this.#list(url, response);
    if (host === "hub" && !url.pathname.startsWith(`/${this.name}/resolve/${this.commit}/`)) {
      return refuse(response, 404, "RepoNotFound");
    }
    const served = this.files.get(file);
    if (!served) return refuse(response, 404, "EntryNotFound");
    if (host === "hub" && served.large) {
      response.writeHead(302, { location: `${addressOf(this.#storage)}/storage/resolve/${file}` }).end();
      return;
    }
    const content = fault && "content" in fault ? fault.content : served.content;
    send(request, response, content, fault, this.cache);
  }

  /** `/api/models/NAME/revision/REVISION` and `/api/models/NAME/tree/COMMIT`, two files a page. */
  #list(url: URL, response: ServerResponse): unknown {
    const [, name, kind, revision] = /^\/api\/models\/(.+)\/(revision|tree)\/(.+)$/.exec(url.pathname) ?? [];
    if (name !== this.name) return refuse(response, 401, "RepoNotFound");
    if (kind === "revision") {
      if (!["main", "v1", this.commit].includes(decodeURIComponent(revision!)))
        return refuse(response, 404, "RevisionNotFound");
      return json(response, { _id: "1", id: name, sha: this.commit, lastModified: "2024-01-01T00:00:00Z" });
    }
    const first = Number(url.searchParams.get("cursor") ?? 0);
    const page = [...this.files].slice(first, first + 2).map(([path, file]) => entryOf(path, file));
    const next = first + 2 < this.files.size && `${url.origin}${url.pathname}?cursor=${first + 2}`;
    json(response, page, next ? { link: `<${next}>; rel="next"` } : {});
  }
}

function entryOf(path: string, { content, large }: ServedFile) {
  const oid = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  const sha256 = createHash("sha256").update(content).digest("hex");
  const entry = { type: "file", path, size: content.length, oid };
  return large
    ? { ...entry, oid: "b".repeat(40), lfs: { oid: sha256, size: content.length, pointerSize: 130 } }
    : entry;
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  fault: Fault | undefined,
  cache: string,
): void {
  if (fault && "stall" in fault) return;
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const start = asked === undefined || (fault && "ignoreRange" in fault) ? 0 : Number(asked);
  const body = content.subarray(start);
  const range = start > 0 && { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, { "content-length": body.length, ...range });
  if (fault && "dropAfter" in fault) {
    const end = start + fault.dropAfter;
    response.write(body.subarray(0, fault.dropAfter), () => dropOnce(response, () => bytesIn(cache) >= end));
    return;
  }
  response.end(body);
}

/** The file of a download that was begun, in a cache. */
export function partialIn(cache: string): string | undefined {
  const name = readdirSync(cache, { recursive: true }).find((name) => String(name).endsWith(".incomplete"));
  return name && join(cache, String(name));
}

function bytesIn(cache: string): number {
  const partial = partialIn(cache);
  return partial === undefined ? 0 : statSync(partial).size;
}

/** Drops a connection as soon as something holds: what the other side has not read by then is lost to it. */
function dropOnce(response: ServerResponse, holds: () => boolean): void {
  if (holds()) response.destroy();
  else if (!response.closed) setTimeout(() => dropOnce(response, holds), 2);
}

function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code?: string): void {
  response.writeHead(status, code ? { "x-error-code": code } : {}).end("refused");
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
