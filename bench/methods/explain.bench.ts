import { beam, explainCase, length } from "../explained.js";
import { benchmark } from "../measure.js";

await benchmark({
  name: "explain",
  about: `Compositional explanations from activations in memory: 25,000 rows, 800 concepts, beam ${beam}, length ${length}; the peer is the authors' loop in numpy, on as many neurons.`,
  dtype: "float32 to bits",
  unit: "neuron",
  sizes: [
    { label: "8 neurons", rows: 25_000, neurons: 8, concepts: 800 },
    { label: "256 neurons", rows: 25_000, neurons: 256, concepts: 800 },
    { label: "1024 neurons", rows: 25_000, neurons: 1024, concepts: 800 },
  ],
  work: ({ neurons }) => neurons,
  prepare: (device, size) => explainCase(device, size, size.neurons === 8),
});
