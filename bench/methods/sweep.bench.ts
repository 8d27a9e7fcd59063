import { benchmarkSweep } from "../sweep.js";

const neurons = [512, 48, 32] as const;

await benchmarkSweep("sweep", [5], "loss everywhere", neurons, "with peers");
await benchmarkSweep("sweep", [5], "loss at the last position", neurons, "with peers");
