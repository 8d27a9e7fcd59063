import { benchmarkFamily } from "../family-sweep.js";

const sizes = { layers: 12, width: 768, heads: 12, hidden: 3072, vocabulary: 30_522, positions: 512 };
const shape = { family: "bert", ...sizes } as const;
const neurons = [512, 96, 48] as const;

await benchmarkFamily({
  name: "sweep-bert",
  of: "BERT base's shape",
  shape,
  layer: 5,
  metric: "representation",
  neurons,
});
