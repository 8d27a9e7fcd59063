import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { loadModel } from "../../../src/model/load.js";
import { openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { HubServer } from "./hub-server.js";

afterEach(() => vi.unstubAllEnvs());

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
