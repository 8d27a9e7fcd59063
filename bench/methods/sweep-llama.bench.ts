import { benchmarkFamily } from "../family-sweep.js";

const sizes = { layers: 12, width: 768, heads: 12, keyHeads: 4, hidden: 2048, vocabulary: 32_000, positions: 1024 };
const shape = { family: "llama", ...sizes } as const;
const neurons = [256, 96, 48] as const;
const of = "a Llama of 12 × 768 with 12 heads on 4 key heads and an MLP of 2,048";

await benchmarkFamily({ name: "sweep-llama", of, shape, layer: 5, metric: "loss everywhere", neurons });
await benchmarkFamily({ name: "sweep-llama", of, shape, layer: 5, metric: "loss at the last position", neurons });
