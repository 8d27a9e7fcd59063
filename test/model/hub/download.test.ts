import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { download } from "../../../src/model/hub/download.js";
import { parseModelId } from "../../../src/model/hub/model-id.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { HubServer } from "./hub-server.js";

test("a download that is refused leaves no timer behind, which would keep the process from its end", async () => {
  await using server = await new HubServer("org/tiny").listen();
  const cache = temporaryFolder();
  const patience = 54_321;
  const environment = { endpoint: server.endpoint, cache, token: null, offline: false };
  const file = { path: "config.json", bytes: 2, hash: "0".repeat(40) };
  const blob = join(cache, "blobs", file.hash);
  const [started, ended] = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "clearTimeout")];
  const job = { file, commit: server.commit, blob, onBytes: () => {} };
  await expect(download({ id: parseModelId("org/tiny")!, environment, patience }, job)).rejects.toThrow("it is gone");
  const waiting = started.mock.results.filter((_, i) => started.mock.calls[i]![1] === patience);
  expect(waiting).toHaveLength(1);
  expect(ended).toHaveBeenCalledWith(waiting[0]!.value);
  expect(existsSync(blob)).toBe(false);
});
