import { beam, explainCase, length } from "../explained.js";
import { benchmark } from "../measure.js";

await benchmark({
  name: "explain-concepts",
  about: `How compositional explanations grow with concepts: 256 neurons, 25,000 rows, beam ${beam}, length ${length}.`,
  dtype: "float32 to bits",
  unit: "pair",
  sizes: [
    { label: "200 concepts", rows: 25_000, neurons: 256, concepts: 200 },
    { label: "800 concepts", rows: 25_000, neurons: 256, concepts: 800 },
    { label: "3200 concepts", rows: 25_000, neurons: 256, concepts: 3200 },
  ],
  work: ({ neurons, concepts }) => neurons * concepts,
  prepare: (device, size) => explainCase(device, size),
});
