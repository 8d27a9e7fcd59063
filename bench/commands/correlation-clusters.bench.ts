import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { normal, random } from "../../src/core/random.js";
import { benchmarkCommand } from "../command.js";

const rows = 65_536;
const sizes = [512, 1024, 2048].map((neurons) => ({ label: `${rows} × ${neurons}`, neurons }));

/** Writes rows × neurons standard normal numbers, in families of four that share half their variance. */
function writeActivations(path: string, neurons: number): void {
  const next = normal(random(1));
  const pool = Float32Array.from({ length: 1 << 20 }, next);
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${neurons}), }`;
  const padded = `${head.padEnd(128 - 11, " ")}\n`;
  const file = openSync(path, "w");
  writeSync(
    file,
    Buffer.concat([Buffer.from([0x93]), Buffer.from("NUMPY"), Buffer.from([1, 0, 118, 0]), Buffer.from(padded)]),
  );
  const draw = random(2);
  const row = new Float32Array(neurons);
  for (let r = 0; r < rows; r++) {
    const at = Math.floor(draw() * (pool.length - 2 * neurons));
    for (let n = 0; n < neurons; n++) row[n] = (pool[at + n] ?? 0) + (pool[at + neurons + (n >> 2)] ?? 0);
    writeSync(file, row);
  }
  closeSync(file);
}

await benchmarkCommand({
  name: "correlation-clusters",
  about: `\`neurometry group correlation-clusters\` of ${rows} rows, from .npy to .json: correlations, average linkage, cut at .3.`,
  dtype: "float32",
  unit: "flop",
  sizes: [sizes[0]!, sizes[1]!, sizes[2]!],
  work: ({ neurons }) => rows * neurons ** 2,
  prepare({ neurons }, folder) {
    const input = join(folder, `${neurons}.npy`);
    const [ours, theirs] = [join(folder, "ours.json"), join(folder, "theirs.json")];
    writeActivations(input, neurons);
    return {
      ours: [
        "group",
        "correlation-clusters",
        "--activations",
        input,
        "--threshold",
        "0.3",
        "--device",
        "native",
        "--out",
        ours,
      ],
      peers: { "numpy + scipy": ["correlation_clusters.py", input, "0.3", theirs] },
      check({ peers }) {
        const labels = (path: string) => (JSON.parse(readFileSync(path, "utf8")) as { labels: number[] }).labels;
        if (!peers) return labels(ours).length === neurons ? null : Number.NaN;
        const [a, b] = [labels(ours), labels(theirs)];
        const different = a.filter((label, n) => label !== b[n]).length;
        if (different > 0) throw new Error(`${different} of ${neurons} labels differ from scipy's`);
        return 0;
      },
    };
  },
});
