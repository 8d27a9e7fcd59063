import { iou } from "../../src/methods/corpus/iou.js";
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
  name: "rank-iou",
  about:
    "`rank iou` of 17 concepts over 25,000 rows in host memory: masks at 0, overlaps of all neurons with all concepts.",
  dtype: "float32 to bits",
  unit: "pair",
  sizes: [size(384), size(1536), size(3072)],
  work: ({ columns }) => columns * 17,
  prepare(device, { columns }) {
    const source = memorySource(rows, columns);
    return {
      run: () => iou(source, { device, concept: "upos" }),
      check({ scores }) {
        const chosen = someColumns(source);
        return largestError(
          chosen.map((column) => scores[column] ?? Number.NaN),
          chosen.map((column) => best(source, column)),
          1e-12,
        );
      },
      python: {
        "numpy bool": {
          setup: pythonSource(rows, columns),
          run: `m = x > 0
c = np.stack([y == k for k in range(17)])
b = np.stack([m[k].sum(0) for k in c]); s = b / (m.sum(0) + c.sum(1)[:, None] - b)`,
        },
      },
    };
  },
});

function best(source: MemorySource, column: number): number {
  const values = columnOf(source, column);
  const shares = Array.from({ length: 17 }, (_, tag) => {
    let [both, either] = [0, 0];
    values.forEach((value, row) => {
      const has = source.classes[row] === tag;
      if (value > 0 && has) both++;
      if (value > 0 || has) either++;
    });
    return both / either;
  });
  return Math.max(...shares);
}
