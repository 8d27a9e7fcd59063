import { describe, expect, it } from "vitest";
import { loadAddon } from "../../src/device/addon.js";
import { expectSources, sourcesFingerprint } from "../../src/device/native-sources.js";

describe("the addon", () => {
  it("is of the sources that lie here, by the fingerprint that its build wrote", () => {
    expect(loadAddon().describe().sources).toBe(sourcesFingerprint());
    expect(sourcesFingerprint()).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([{ sources: "0".repeat(64) }, {}])("is refused where it was built from others (%j)", (description) => {
    expect(() => expectSources(description)).toThrow(
      "Cannot use the native device: the addon was built from other sources than these: run `npm run build:native`",
    );
  });
});
