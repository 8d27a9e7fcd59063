import { variance } from "../../src/methods/visualization/variance.js";
import { benchmark } from "../measure.js";
import { columnOf, largestError, memorySource, pythonSource, someColumns } from "../memory-source.js";

const rows = 100_000;
const size = (columns: number) => ({ label: `${rows} × ${columns}`, columns });

await benchmark({
  name: "rank-variance",
  about: "`rank variance` of all neurons of 100,000 rows in host memory: four moments in one pass.",
  dtype: "float32, sums in float64",
  unit: "byte",
  sizes: [size(192), size(768), size(1536)],
  work: ({ columns }) => rows * columns * 4,
  prepare(device, { columns }) {
    const source = memorySource(rows, columns);
    return {
      run: () => variance(source, { device }),
      check({ scores }) {
        const chosen = someColumns(source);
        const truth = chosen.map((column) => populationVariance(columnOf(source, column)));
        return largestError(
          chosen.map((column) => scores[column] ?? Number.NaN),
          truth,
          1e-5,
        );
      },
      peers: { "plain TypeScript": () => chosenVariances(source.values, rows, columns) },
      python: {
        "numpy.var": { setup: pythonSource(rows, columns), run: "x.var(axis=0)" },
        "numpy.var in float64": { setup: pythonSource(rows, columns), run: "x.var(axis=0, dtype=np.float64)" },
      },
    };
  },
});

function populationVariance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** Welford's means and squares of all columns, row by row. */
function chosenVariances(values: Float32Array, count: number, columns: number): Float64Array {
  const [means, squares] = [new Float64Array(columns), new Float64Array(columns)];
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column]!;
      const difference = value - means[column]!;
      means[column]! += difference / (row + 1);
      squares[column]! += difference * (value - means[column]!);
    }
  }
  return squares;
}
