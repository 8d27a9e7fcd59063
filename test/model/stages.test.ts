import { afterAll, describe, expect, it } from "vitest";
import { architectures } from "../../src/model/architectures/table.js";
import { readCheckpoint } from "../../src/model/checkpoint.js";
import { readConfig } from "../../src/model/config.js";
import type { ForwardRequest } from "../../src/model/model.js";
import type { Network } from "../../src/model/network.js";
import { forkOf, readOf } from "../../src/model/stages.js";
import { Weights } from "../../src/model/weights.js";
import { openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";

const opened = openTestDevice("native");
const weights = (async () => {
  const path = fixturePath("gpt2");
  return new Weights(await opened, await readCheckpoint(path), architectures.gpt2!.prefix);
})();
const built: Promise<Network> = weights.then(async (own) =>
  architectures.gpt2!.build(await readConfig(fixturePath("gpt2")), own),
);
afterAll(async () => {
  (await weights)[Symbol.dispose]();
  await (await opened)[Symbol.asyncDispose]();
});

const sequences = Array.from({ length: 4 }, () => Uint32Array.of(1, 2, 3));
const look = (request: Partial<ForwardRequest>, changed: readonly string[], targets = 12) => {
  return { request: { sequences, ...request }, changed: new Set(changed), targets, rows: 12 };
};
const fork = (request: Partial<ForwardRequest>, changed: readonly string[]) =>
  [{ sequences, ...request }, new Set(changed)] as const;

describe("copies part", () => {
  it("at the first site that is changed or kept, whatever the order in which they are named", async () => {
    const network = await built;
    const capture = { sites: [{ name: "layers.1.residual", width: 8, offset: 0 }] };
    expect(forkOf(network, ...fork({ texts: 1 }, ["logits", "layers.1.mlp.hidden"]))).toBe("layers.1.mlp.hidden");
    expect(forkOf(network, ...fork({ texts: 1, capture }, ["logits"]))).toBe("layers.1.residual");
    expect(forkOf(network, ...fork({ texts: 1, scores: ["layers.0.attention.scores"] }, []))).toBe("layers.0.attention.value"); // biome-ignore format: one line
    expect(forkOf(network, ...fork({ texts: 1 }, []))).toBe("logits");
  });

  it("nowhere where there are none", async () => {
    expect(forkOf(await built, ...fork({}, ["embed"]))).toBeNull();
    expect(forkOf(await built, ...fork({ texts: 4 }, ["embed"]))).toBeNull();
  });
});

describe("only what is read goes on", () => {
  const heads = async () => `layers.${(await built).layers - 1}.attention.heads`;

  it("behind the last heads, if that is few of the rows", async () => {
    expect(readOf(await built, look({}, ["layers.0.mlp.hidden"], 4))).toBe(await heads());
    expect(readOf(await built, look({}, [await heads()], 9))).toBe(await heads());
    expect(readOf(await built, look({}, [], 10))).toBeNull();
    expect(readOf(await built, look({}, [], 0))).toBeNull();
  });

  it("behind what is changed last in the last layer, whose heads all rows must have", async () => {
    const layer = `layers.${(await built).layers - 1}`;
    expect(readOf(await built, look({}, [`${layer}.mlp.hidden`, "layers.0.mlp.out"], 4))).toBe(`${layer}.mlp.hidden`);
    expect(readOf(await built, look({}, [`${layer}.mlp.out`, `${layer}.mlp.pre`], 4))).toBe(`${layer}.mlp.out`);
    expect(readOf(await built, look({}, [`${layer}.attention.value`], 4))).toBe(await heads());
  });

  it("unless someone changes, keeps or compares what comes after", async () => {
    const capture = { sites: [{ name: "embed", width: 8, offset: 0 }] };
    expect(readOf(await built, look({}, ["final"], 4))).toBeNull();
    expect(readOf(await built, look({ capture }, [], 4))).toBeNull();
    expect(readOf(await built, look({ compareWith: Uint32Array.of(0, 1, 2, 3) }, [], 4))).toBeNull();
  });
});
