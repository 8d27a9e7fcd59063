import { benchmarkSweep } from "../sweep.js";

await benchmarkSweep("sweep", [5], "loss everywhere", true);
await benchmarkSweep("sweep", [5], "loss at the last position", true);
