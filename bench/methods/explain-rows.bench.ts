import { beam, explainCase, length } from "../explained.js";
import { benchmark } from "../measure.js";

await benchmark({
  name: "explain-rows",
  about: `How compositional explanations grow with rows: 256 neurons, 800 concepts, beam ${beam}, length ${length}.`,
  dtype: "float32 to bits",
  unit: "row",
  sizes: [
    { label: "12,500 rows", rows: 12_500, neurons: 256, concepts: 800 },
    { label: "25,000 rows", rows: 25_000, neurons: 256, concepts: 800 },
    { label: "100,000 rows", rows: 100_000, neurons: 256, concepts: 800 },
  ],
  work: ({ rows }) => rows,
  prepare: (device, size) => explainCase(device, size),
});
