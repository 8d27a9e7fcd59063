import { bitCountsKernel } from "../../src/kernels/bit-counts.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomWords, sharedBits } from "../bits.js";
import { benchmark } from "../measure.js";
import { expectEqual, prepareCall } from "../prepared.js";

const words = 3125; // 100,000 rows

await benchmark({
  name: "bit-counts",
  about: "bits of every mask over 100,000 rows",
  dtype: "bits",
  unit: "byte",
  sizes: [
    { label: "768", masks: 768 },
    { label: "3072", masks: 3072 },
    { label: "9216", masks: 9216 },
  ],
  work: ({ masks }) => masks * words * 4,
  prepare(device, { masks }) {
    const bits = randomWords(masks * words, 1, masks);
    const operands = { bits: given(bits, [masks, words]), counts: wanted("u32", [masks]) };
    const call = prepareCall(device, bitCountsKernel, operands, { rows: masks, words });
    return {
      run: () => call.run(),
      async check() {
        const counts = await call.read("counts", new Uint32Array(masks));
        for (let i = 0; i < masks; i += 97) {
          expectEqual(counts[i], sharedBits(bits, bits, i * words, i * words, words), `counts[${i}]`);
        }
        return 0;
      },
      dispose: () => call[Symbol.dispose](),
    };
  },
});
