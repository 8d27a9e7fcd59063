import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parseModelId } from "../../../src/model/hub/model-id.js";
import { modelSnapshot, type SnapshotOptions } from "../../../src/model/hub/snapshot.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { HubServer, partialIn } from "./hub-server.js";

const open: HubServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
});

const weights = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
const small = { config: Buffer.from('{"model_type":"gpt2"}'), tokenizer: Buffer.from('{"version":"1.0"}') };

/** A hub with one model, and an empty cache. */
async function hub(name = "org/tiny", more: Partial<SnapshotOptions> & { token?: string } = {}) {
  const server = await new HubServer(name).listen();
  open.push(server);
  server.files.set("README.md", { content: Buffer.from("#") });
  server.files.set("config.json", { content: small.config });
  server.files.set("model.safetensors", { content: weights, large: true });
  server.files.set("pytorch_model.bin", { content: weights, large: true });
  server.files.set("tokenizer.json", { content: small.tokenizer });
  server.files.set("vocab.json", { content: Buffer.from("{}") });
  const { token = null, ...rest } = more;
  const environment = { endpoint: server.endpoint, cache: temporaryFolder(), token, offline: false };
  const folder = join(environment.cache, `models--${name.replace("/", "--")}`);
  server.cache = folder;
  const options = { pauses: [1, 1, 1], patience: 2_000, ...rest, environment };
  const fetch = (id = name, changes: Partial<typeof environment> = {}) =>
    modelSnapshot(parseModelId(id)!, { ...options, environment: { ...environment, ...changes } });
  return { server, fetch, folder };
}

describe("a model of the hub", () => {
  it("is downloaded as far as it is needed, in the cache's layout", async () => {
    const { server, fetch, folder } = await hub();
    const path = await fetch();
    expect(path).toBe(join(folder, "snapshots", server.commit));
    expect(readdirSync(path).sort()).toEqual(["config.json", "model.safetensors", "tokenizer.json"]);
    expect(readFileSync(join(path, "model.safetensors")).equals(weights)).toBe(true);
    expect(lstatSync(join(path, "config.json")).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(path, "config.json"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    expect(readlinkSync(join(path, "model.safetensors"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readFileSync(join(folder, "refs/main"), "utf8")).toBe(server.commit);
    expect(readdirSync(join(folder, "blobs")).every((name) => /^[0-9a-f]+$/.test(name))).toBe(true);
  });

  it("is not downloaded again, and only what changed at a new commit is", async () => {
    const { server, fetch, folder } = await hub();
    await fetch();
    const before = server.downloads.length;
    await fetch();
    expect(server.downloads.length).toBe(before);
    server.commit = "c".repeat(40);
    server.files.set("config.json", { content: Buffer.from('{"model_type":"gpt2","n_embd":8}') });
    const path = await fetch();
    expect(server.downloads.slice(before)).toEqual(["config.json"]);
    expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8")).n_embd).toBe(8);
    expect(readFileSync(join(folder, "refs/main"), "utf8")).toBe(server.commit);
    expect(readdirSync(join(folder, "snapshots")).length).toBe(2);
  });

  it("may be named without an owner and with a revision; a commit that is there needs no hub", async () => {
    const { server, fetch, folder } = await hub("gpt");
    const path = await fetch("gpt@v1");
    expect(readFileSync(join(folder, "refs/v1"), "utf8")).toBe(server.commit);
    const before = server.requests.length;
    expect(await fetch(`gpt@${server.commit}`)).toBe(path);
    expect(server.requests.length).toBe(before);
  });

  it("in shards is downloaded by its index, with the vocabulary files where there is no tokenizer.json", async () => {
    const { server, fetch } = await hub();
    for (const name of ["model.safetensors", "tokenizer.json"]) server.files.delete(name);
    const map = { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" };
    server.files.set("model.safetensors.index.json", { content: Buffer.from(JSON.stringify({ weight_map: map })) });
    for (const name of Object.values(map)) server.files.set(name, { content: weights.subarray(0, 10), large: true });
    server.files.set("merges.txt", { content: Buffer.alloc(0) });
    expect(readdirSync(await fetch()).sort()).toEqual(
      ["config.json", "merges.txt", ...Object.values(map), "model.safetensors.index.json", "vocab.json"].sort(),
    );
    server.files.delete(map.b);
    server.commit = "d".repeat(40);
    await expect(fetch()).rejects.toThrow(`org/tiny: Expected ${map.b}, which model.safetensors.index.json names`);
  });

  it("tells how many of its bytes have come", async () => {
    const told: [number, number, string][] = [];
    const { fetch } = await hub("org/tiny", { onProgress: (...all) => told.push(all) });
    await fetch();
    const total = weights.length + small.config.length + small.tokenizer.length;
    expect(told.at(-1)).toEqual([total, total, "of org/tiny (300 kB)"]);
    expect(told.every(([done], i) => i === 0 || done >= told[i - 1]![0])).toBe(true);
  });

  it("gets the token at the hub, and no other host gets it", async () => {
    const { server, fetch } = await hub("org/tiny", { token: "hf_secret" });
    await fetch();
    const tokens = (host: string) =>
      new Set(server.requests.filter((given) => given.host === host).map(({ token }) => token));
    expect(tokens("hub")).toEqual(new Set(["Bearer hf_secret"]));
    expect(tokens("storage")).toEqual(new Set([null]));
  });

  it("comes from the cache alone where the hub is not to be asked", async () => {
    const { server, fetch, folder } = await hub();
    await expect(fetch("org/tiny", { offline: true })).rejects.toThrow(
      `org/tiny: Expected a model's directory, or this model in the cache as HF_HUB_OFFLINE is set, but ${folder} lacks it`,
    );
    const path = await fetch();
    const before = server.requests.length;
    expect(await fetch("org/tiny", { offline: true })).toBe(path);
    expect(server.requests.length).toBe(before);
    await expect(fetch("org/tiny@v2", { offline: true })).rejects.toThrow("or this model at v2 in the cache");
  });
});

describe("a download", () => {
  it("goes on where a connection dropped, again and again", async () => {
    const { server, fetch } = await hub();
    server.faults.set(
      "storage/model.safetensors",
      Array.from({ length: 6 }, () => ({ dropAfter: 40_000 })),
    );
    const path = await fetch();
    expect(readFileSync(join(path, "model.safetensors")).equals(weights)).toBe(true);
    const ranges = server.requests.filter(({ host }) => host === "storage").map(({ range }) => range);
    expect(ranges).toEqual([null, ...[1, 2, 3, 4, 5, 6].map((i) => `bytes=${i * 40_000}-`)]);
  });

  it("is continued by a later run, from what an interrupted one left", async () => {
    const { server, fetch, folder } = await hub();
    server.faults.set("storage/model.safetensors", [
      { dropAfter: 100_000 },
      ...Array.from({ length: 9 }, () => ({ dropAfter: 0 })),
    ]);
    await expect(fetch()).rejects.toThrow(
      /^org\/tiny: Expected model.safetensors from http:.* but the connection failed: .*; what was loaded is kept, and/,
    );
    expect(lstatSync(partialIn(folder)!).size).toBe(100_000);
    expect(existsSync(join(folder, "refs/main"))).toBe(false);
    server.faults.clear();
    server.requests.length = 0;
    expect(readFileSync(join(await fetch(), "model.safetensors")).equals(weights)).toBe(true);
    expect(server.requests.at(-1)!.range ?? server.requests.at(-2)!.range).toBe("bytes=100000-");
  });

  it("begins anew where the server does not continue", async () => {
    const { server, fetch } = await hub();
    server.faults.set("storage/model.safetensors", [{ dropAfter: 5_000 }, { ignoreRange: true }]);
    expect(readFileSync(join(await fetch(), "model.safetensors")).equals(weights)).toBe(true);
  });

  it("is tried again where nothing comes, or the server is busy", async () => {
    const { server, fetch } = await hub("org/tiny", { patience: 200, pauses: new Array(50).fill(1) });
    server.faults.set("config.json", [{ stall: true }, { status: 503 }]);
    server.faults.set("main", [{ status: 429 }]);
    expect(existsSync(join(await fetch(), "config.json"))).toBe(true);
  });

  it("of another size or another content than the hub lists is refused, and nothing of it stays", async () => {
    const { server, fetch, folder } = await hub();
    server.faults.set("storage/model.safetensors", [
      { content: weights.subarray(1) },
      { content: Buffer.alloc(weights.length) },
    ]);
    await expect(fetch()).rejects.toThrow(
      "org/tiny: Expected 300000 bytes of model.safetensors, as the hub lists, but 299999 are offered: it is corrupt",
    );
    await expect(fetch()).rejects.toThrow(
      /model.safetensors: Expected a content of the hash [0-9a-f]{64} but another came/,
    );
    expect(readdirSync(join(folder, "blobs")).filter((name) => /incomplete|^[0-9a-f]{64}$/.test(name))).toEqual([]);
    expect(readFileSync(join(await fetch(), "model.safetensors")).equals(weights)).toBe(true);
  });

  it("that was continued from something else is loaded once more", async () => {
    const { server, fetch, folder } = await hub();
    server.faults.set("storage/model.safetensors", [
      { dropAfter: 50_000 },
      ...Array.from({ length: 9 }, () => ({ dropAfter: 0 })),
    ]);
    await expect(fetch()).rejects.toThrow("the connection failed");
    server.faults.clear();
    writeFileSync(partialIn(folder)!, Buffer.alloc(60_000, 9));
    expect(readFileSync(join(await fetch(), "model.safetensors")).equals(weights)).toBe(true);
  });

  it("stops when it is told to, and keeps what has come", async () => {
    const stop = new AbortController();
    const { server, fetch, folder } = await hub("org/tiny", {
      signal: stop.signal,
      onProgress: (done) => done > 50 && stop.abort(),
    });
    server.faults.set("storage/model.safetensors", [{ dropAfter: 1_000 }]);
    await expect(fetch()).rejects.toThrow("aborted");
    expect(partialIn(folder)).toBeDefined();
  });
});

describe("the hub's refusals", () => {
  it.each([
    [
      [{ status: 401, code: "RepoNotFound" }],
      "there is neither of this name (a private one needs a token in HF_TOKEN)",
    ],
    [[{ status: 401, code: "GatedRepo" }], "its authors gate it: accept their terms at http://127.0.0.1:"],
    [[{ status: 403, code: "GatedRepo" }], "put your token into HF_TOKEN"],
    [[{ status: 403 }], "forbids it to this token"],
    [[{ status: 404, code: "RevisionNotFound" }], 'it has no "main"'],
    [[{ status: 418 }], "but it was 418"],
    [Array.from({ length: 4 }, () => ({ status: 500 })), "the connection failed: it answered 500"],
  ])("%j is one sentence", async (faults, sentence) => {
    const { server, fetch } = await hub();
    server.faults.set("main", faults);
    const error = await fetch().catch(String);
    expect(error).toContain("FileError: org/tiny: Expected ");
    expect(error).toContain(sentence);
  });

  it("names the file that is gone, and what to do where there are no safetensors", async () => {
    const { server, fetch } = await hub();
    server.faults.set("config.json", [{ status: 404, code: "EntryNotFound" }]);
    await expect(fetch()).rejects.toThrow("Expected a file that the hub lists but it is gone: /org/tiny/resolve/");
    server.files.delete("model.safetensors");
    await expect(fetch()).rejects.toThrow(
      "but there is neither, only pytorch_model.bin: load it with transformers and save_pretrained it, or name a revision",
    );
    server.files.delete("pytorch_model.bin");
    await expect(fetch()).rejects.toThrow(
      "Expected model.safetensors or model.safetensors.index.json among its files but there is neither",
    );
    server.files.delete("config.json");
    await expect(fetch()).rejects.toThrow("Expected config.json among its files but there is none");
    await expect(fetch("org/other")).rejects.toThrow(
      "org/other: Expected a model's directory or a model of http://127.0.0.1",
    );
    await expect(fetch("org/tiny", { endpoint: "http://127.0.0.1:9" })).rejects.toThrow(
      /its list of files from .*the connection failed/,
    );
  });
});
