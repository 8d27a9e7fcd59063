import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readHubEnvironment } from "../../../src/model/hub/environment.js";
import { parseModelId } from "../../../src/model/hub/model-id.js";
import { temporaryFolder } from "../../temporary-folder.js";

describe("the hub's environment", () => {
  it("has the defaults of huggingface_hub", async () => {
    const { endpoint, cache, offline } = await readHubEnvironment({});
    expect([endpoint, cache, offline]).toEqual([
      "https://huggingface.co",
      join(homedir(), ".cache/huggingface/hub"),
      false,
    ]);
  });

  it("is what the variables say", async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, "token"), "hf_of_the_file\n");
    const read = async (variables: Record<string, string>) => readHubEnvironment({ HF_HOME: home, ...variables });
    expect(await read({})).toMatchObject({ cache: join(home, "hub"), token: "hf_of_the_file" });
    expect(await read({ HF_TOKEN: "hf_mine", HF_HUB_CACHE: "/c" })).toMatchObject({ cache: "/c", token: "hf_mine" });
    expect((await read({ HF_HOME: "~/h" })).cache).toBe(join(homedir(), "h/hub"));
    expect((await readHubEnvironment({ XDG_CACHE_HOME: "/x" })).cache).toBe("/x/huggingface/hub");
    expect((await read({ HF_ENDPOINT: "https://mirror.org/" })).endpoint).toBe("https://mirror.org");
    for (const yes of ["1", "true", "ON", "Yes"]) expect((await read({ HF_HUB_OFFLINE: yes })).offline).toBe(true);
    for (const no of ["0", "", "off"]) expect((await read({ HF_HUB_OFFLINE: no })).offline).toBe(false);
    await expect(read({ HF_ENDPOINT: "mirror" })).rejects.toThrow(
      'Expected an http address for HF_ENDPOINT but received "mirror"',
    );
    await expect(read({ HF_TOKEN: "hf\nx" })).rejects.toThrow("Expected a token of letters and digits for HF_TOKEN");
  });
});

describe("a model's name", () => {
  it("is an owner and a name, and a revision behind an @", () => {
    expect(parseModelId("gpt2")).toEqual({ name: "gpt2", revision: "main" });
    expect(parseModelId("openai-community/gpt2-xl")).toEqual({ name: "openai-community/gpt2-xl", revision: "main" });
    expect(parseModelId("a/b_1.2@refs/pr/3")).toEqual({ name: "a/b_1.2", revision: "refs/pr/3" });
  });

  it("is no path", () => {
    for (const path of ["", "/a/b", "./a", "../a", "a/b/c", "a/", "~/a", "a b", "a/..", "C:\\m", "a--b/c..d", "a/b."]) {
      expect(parseModelId(path), path).toBe(null);
    }
    for (const revision of ["..", "a/../b", "x y", "/v1"])
      expect(() => parseModelId(`a/b@${revision}`)).toThrow("for revision");
  });
});
