import { normal, random } from "../../src/core/random.js";
import { pack, packedElements } from "../../src/kernels/pack.js";
import { pack as reference } from "../../test/reference/pack.js";
import { benchmark } from "../measure.js";

const size = (inner: number, columns: number) => ({ label: `${columns} × ${inner}`, inner, columns });

await benchmark({
  name: "pack",
  about: "Packs a weight for products, upload and download included.",
  dtype: "f32",
  sizes: [size(384, 1536), size(768, 3072), size(2048, 8192)],
  unit: "byte",
  work: ({ inner, columns }) => 8 * packedElements(inner, columns),
  prepare: (device, { inner, columns }) => {
    const weight = Float32Array.from({ length: inner * columns }, normal(random(1)));
    const packed = () => reference((k, column) => weight[column * inner + k]!, inner, columns);
    return {
      run: () => pack(device, weight, { inner, columns, layout: "columns × inner" }),
      check: (got: Float32Array) => {
        const wrong = packed().findIndex((value, at) => value !== got[at]);
        if (wrong >= 0) throw new Error(`value ${wrong} is ${got[wrong]}`);
        return 0;
      },
      peers: { "plain TypeScript": packed },
    };
  },
});
