import { accumulate } from "../../src/activations/accumulate.js";
import { extremeRows } from "../../src/activations/accumulators/extreme-rows.js";
import { benchmark } from "../measure.js";
import { columnOf, largestError, memorySource, pythonSource, someColumns } from "../memory-source.js";

const rows = 20_000;
const top = 10;
const size = (columns: number) => ({ label: `${rows} × ${columns}`, columns });

await benchmark({
  name: "contexts",
  about: "The 10 largest and the 10 smallest of 20,000 rows in host memory for every neuron, in one pass over blocks.",
  dtype: "float32",
  unit: "byte",
  sizes: [size(192), size(768), size(3072)],
  work: ({ columns }) => rows * columns * 4,
  prepare(device, { columns }) {
    const source = memorySource(rows, columns);
    const setup = `${pythonSource(rows, columns)}\nimport torch\nx = torch.from_numpy(x)`;
    return {
      run: () => accumulate(source, device, extremeRows(top, source.sites)),
      check({ largest, smallest }) {
        const chosen = someColumns(source);
        const sorted = chosen.map((column) => columnOf(source, column).sort());
        const truth = sorted.flatMap((values) => [...values.slice(-top).reverse(), ...values.slice(0, top)]);
        const found = chosen.flatMap((column) => [...largest[column]!.values, ...smallest[column]!.values]);
        return largestError(found, truth, 0);
      },
      python: {
        "torch.topk, both ends": { setup, run: "x.topk(10, dim=0); x.topk(10, dim=0, largest=False)" },
        "torch.topk, transposed first": {
          setup,
          run: "y = x.T.contiguous(); y.topk(10); y.topk(10, largest=False)",
        },
      },
    };
  },
});
