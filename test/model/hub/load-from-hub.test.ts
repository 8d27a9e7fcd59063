import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { loadModel } from "../../../src/model/load.js";
import { neurometry } from "../../cli/command-line.js";
import { openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { HubServer } from "./hub-server.js";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

it("a model is loaded by its hub id as from its directory, and prints nothing", async () => {
  await using server = await new HubServer("org/gru").listen();
  for (const name of ["config.json", "model.safetensors"]) {
    server.files.set(name, { content: readFileSync(join(fixturePath("gru"), name)) });
  }
  vi.stubEnv("HF_HUB_OFFLINE", "");
  vi.stubEnv("HF_ENDPOINT", server.endpoint);
  vi.stubEnv("HF_HOME", temporaryFolder());
  const printed = vi.spyOn(process.stdout, "write");
  await using device = await openTestDevice("native");
  await using model = await loadModel("org/gru", { device });
  await using local = await loadModel(fixturePath("gru"), { device });
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
  expect([model.name, local.name]).toEqual(["gru", "gru"]);
  expect(await model.fingerprint()).toBe(await local.fingerprint());
  await expect(loadModel("org/gro", { device })).rejects.toThrow(
    `org/gro: Expected a model's directory or a model of ${server.endpoint} but there is neither of this name`,
  );
  await expect(loadModel("./org/gru", { device })).rejects.toThrow("./org/gru: Expected a model's directory");
});

it("what is neither a directory nor a model of the hub is refused with the name of one nearby", async () => {
  await using server = await new HubServer("org/gru").listen();
  const folder = temporaryFolder();
  mkdirSync(join(folder, "small-gpt2"));
  writeFileSync(join(folder, "small-gpt2/config.json"), "{}");
  const environment = { HF_HUB_OFFLINE: "", HF_ENDPOINT: server.endpoint, HF_HOME: temporaryFolder() };
  const inspect = (model: string, variables = {}) =>
    neurometry(["inspect", model, "--device", "native"], folder, { ...environment, ...variables });
  const near = 'Expected a model\'s directory or a hub id (did you mean "small-gpt2"?) but there is no such directory';
  const asked = await inspect("small-gtp2");
  expect([asked.code, asked.stdout]).toEqual([2, ""]);
  expect(asked.stderr).toMatch(/^small-gtp2: Expected .*\n$/);
  expect(asked.stderr).toContain(near);
  const offline = await inspect("small-gtp2", { HF_HUB_OFFLINE: "1" });
  expect([offline.code, offline.stderr]).toEqual([2, expect.stringContaining(near)]);
  const local = await inspect("./small-gtp2");
  expect(local.stderr).toBe(
    './small-gtp2: Expected a model\'s directory (did you mean "small-gpt2"?) but there is none\n',
  );
});

it("a hub whose host no name server knows is asked once, and refused by name", async () => {
  const cause = Object.assign(new Error("getaddrinfo ENOTFOUND hub.invalid"), { code: "ENOTFOUND" });
  const asked = vi.fn(() => Promise.reject(new TypeError("fetch failed", { cause })));
  vi.stubGlobal("fetch", asked);
  vi.stubEnv("HF_HUB_OFFLINE", "");
  vi.stubEnv("HF_ENDPOINT", "http://hub.invalid");
  vi.stubEnv("HF_HOME", temporaryFolder());
  await using device = await openTestDevice("native");
  await expect(loadModel("org/gru", { device })).rejects.toThrow(
    "org/gru: Expected a model's directory or a model of http://hub.invalid but there is no such directory, and the network does not find that host; HF_HUB_OFFLINE=1 takes what the cache has",
  );
  expect(asked).toHaveBeenCalledTimes(1);
});
