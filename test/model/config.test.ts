import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Config, readConfig } from "../../src/model/config.js";
import { temporaryFolder } from "../temporary-folder.js";

const config = (values: Record<string, unknown>) => new Config("m/config.json", values);

describe("a config", () => {
  it("gives values of the asked kind, or the fallback where a key is missing or null", () => {
    const values = config({ hidden_size: 8, eps: 1e-5, tied: false, act: "gelu", nothing: null });
    expect([values.count("hidden_size"), values.number("eps"), values.text("act")]).toEqual([8, 1e-5, "gelu"]);
    expect([values.flag("tied", true), values.flag("nothing", true), values.count("heads", 3)]).toEqual([
      false,
      true,
      3,
    ]);
    expect(values.choice("act", ["gelu", "relu"])).toBe("gelu");
  });

  it("names the file, the key and the value that is wrong", () => {
    const values = config({ hidden_size: "8", act: "relo" });
    expect(() => values.count("hidden_size")).toThrow(
      'm/config.json: Expected a positive whole number for hidden_size but received "8"',
    );
    expect(() => values.text("model_type")).toThrow("Expected a string for model_type but received nothing");
    expect(() => values.choice("act", ["gelu", "relu"])).toThrow(
      'Expected one of gelu, relu (did you mean "relu"?) for act but received "relo"',
    );
  });

  it("is refused when it is missing, broken or no object", async () => {
    const folder = temporaryFolder();
    await expect(readConfig(folder)).rejects.toThrow("config.json: there is no such file");
    writeFileSync(join(folder, "config.json"), '{\n "hidden_size": 3,\n}');
    await expect(readConfig(folder)).rejects.toThrow("line 3: Expected a config.json but it is not valid JSON");
    writeFileSync(join(folder, "config.json"), "[]");
    await expect(readConfig(folder)).rejects.toThrow("Expected a config.json that holds an object");
  });
});
