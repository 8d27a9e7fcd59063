import { benchmarkSweep, layers } from "../sweep.js";

await benchmarkSweep("sweep-layers", [layers - 1], "loss everywhere", false);
await benchmarkSweep("sweep-layers", [...Array(layers).keys()], "loss everywhere", false);
