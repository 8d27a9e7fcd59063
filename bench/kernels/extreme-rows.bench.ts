import { extremeRowsKernel, noExtremeRows, readExtremes } from "../../src/kernels/extreme-rows.js";
import { given } from "../../src/kernels/run-once.js";
import { randomNormals } from "../../test/random.js";
import { extremeRows as reference } from "../../test/reference/extreme-rows.js";
import { benchmark } from "../measure.js";
import { expectEqual, prepareCall } from "../prepared.js";

const rows = 20_000;

await benchmark({
  name: "extreme-rows",
  about:
    "The rows on which each column is largest and smallest, of 20,000 random ones; lists are empty before each call.",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "768, 10 each", columns: 768, count: 10 },
    { label: "768, 100 each", columns: 768, count: 100 },
    { label: "3072, 10 each", columns: 3072, count: 10 },
  ],
  work: ({ columns }) => rows * columns * 4,
  prepare(device, { columns, count }) {
    const x = randomNormals(rows * columns, columns);
    const { extremes, places, strange } = noExtremeRows(columns, count);
    const operands = {
      x: given(x, [rows, columns]),
      extremes: given(extremes, [columns, 2 * count]),
      places: given(places, [columns, 2 * count]),
      strange: given(strange, [columns, 2]),
    };
    const call = prepareCall(device, extremeRowsKernel, operands, { rows, columns, count, firstRow: 0 });
    return {
      async run() {
        call.write("extremes", extremes);
        call.write("places", places);
        await call.run();
      },
      async check() {
        const [values, found] = [new Float32Array(extremes.length), new Uint32Array(places.length)];
        const lists = readExtremes(await call.read("extremes", values), await call.read("places", found), columns);
        for (const column of [0, Math.floor(columns / 2), columns - 1]) {
          const own = Float32Array.from({ length: rows }, (_, row) => x[row * columns + column]!);
          const [largest] = reference(own, 1, count, 1);
          const [smallest] = reference(own, 1, count, -1);
          for (let i = 0; i < count; i++) {
            expectEqual(lists.largest[column]!.rows[i], largest!.rows[i], `largest[${column}, ${i}]`);
            expectEqual(lists.smallest[column]!.rows[i], smallest!.rows[i], `smallest[${column}, ${i}]`);
          }
        }
        return 0;
      },
      python: {
        "torch.topk, both ends": {
          setup: `import torch; torch.manual_seed(1); x = torch.randn(${rows}, ${columns})`,
          run: `x.topk(${count}, dim=0); x.topk(${count}, dim=0, largest=False)`,
        },
      },
      dispose: () => call[Symbol.dispose](),
    };
  },
});
