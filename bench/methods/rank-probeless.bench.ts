import { probeless } from "../../src/methods/probing/probeless.js";
import { benchmark } from "../measure.js";
import {
  columnOf,
  largestError,
  type MemorySource,
  memorySource,
  pythonSource,
  someColumns,
} from "../memory-source.js";

const rows = 25_000;
const size = (columns: number) => ({ label: `${rows} × ${columns}`, columns });

await benchmark({
  name: "rank-probeless",
  about: "`rank probeless` of 17 classes over 25,000 rows in host memory, standardised columns.",
  dtype: "float32, sums in float64",
  unit: "byte",
  sizes: [size(384), size(1536), size(3072)],
  work: ({ columns }) => rows * columns * 4,
  prepare(device, { columns }) {
    const source = memorySource(rows, columns);
    return {
      run: () => probeless(source, { device, concept: "upos" }),
      check({ scores }) {
        const chosen = someColumns(source);
        const truth = chosen.map((column) => sumOfDistances(source, column));
        return largestError(
          chosen.map((column) => scores[column] ?? Number.NaN),
          truth,
          1e-3,
        );
      },
      python: {
        numpy: {
          setup: pythonSource(rows, columns),
          run: `z = (x - x.mean(0)) / x.std(0)
q = np.stack([z[y == c].mean(0) for c in range(17)])
s = sum(np.abs(q[i] - q[j]) for i in range(17) for j in range(i))`,
        },
      },
    };
  },
});

function sumOfDistances(source: MemorySource, column: number): number {
  const values = columnOf(source, column);
  const mean = values.reduce((sum, value) => sum + value, 0) / rows;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows);
  const means = Array.from({ length: 17 }, (_, tag) => {
    const own = values.filter((_, row) => source.classes[row] === tag);
    return (own.reduce((sum, value) => sum + value, 0) / own.length - mean) / deviation;
  });
  return means.reduce((sum, a, i) => sum + means.slice(0, i).reduce((part, b) => part + Math.abs(a - b), 0), 0);
}
