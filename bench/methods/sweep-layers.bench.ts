import { benchmarkSweep, layers } from "../sweep.js";

await benchmarkSweep("sweep-layers", [layers - 1], "loss everywhere", [2048, 512, 256]);
await benchmarkSweep("sweep-layers", [...Array(layers).keys()], "loss everywhere", [128, 16, 8]);
