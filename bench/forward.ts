import type { Forward, Model } from "../src/model/model.js";
import { selectSites } from "../src/model/sites.js";
import type { PythonPeer } from "./python.js";

const batchTokens = 4096;

/** Runs a model over texts, three batches under way at a time, and captures all residuals. */
export async function forwardAll(model: Model, sequences: readonly Uint32Array[]): Promise<void> {
  const sites = selectSites(model.sites, "layers.*.residual");
  const running: Forward[] = [];
  let batch: Uint32Array[] = [];
  let tokens = 0;
  for (const [i, sequence] of sequences.entries()) {
    batch.push(sequence);
    tokens += sequence.length;
    if (tokens + (sequences[i + 1]?.length ?? batchTokens) <= batchTokens) continue;
    running.push(model.forward({ sequences: batch, capture: { sites } }));
    [batch, tokens] = [[], 0];
    if (running.length > 2) await finish(running.shift()!);
  }
  for (const forward of running) await finish(forward);
}

async function finish(forward: Forward): Promise<void> {
  await forward.done;
  forward[Symbol.dispose]();
}

/** The same with transformers: sorted by length in batches of 32, and, where asked for, one text at a time. */
export function transformersPeer(
  path: string,
  sequences: readonly Uint32Array[],
  oneByOne: boolean,
): Readonly<Record<string, PythonPeer>> {
  const setup = [
    "import json, torch, transformers",
    `ids = json.loads('${JSON.stringify(sequences.map((ids) => [...ids]))}')`,
    `model = transformers.AutoModel.from_pretrained('${path}').eval()`,
    "ids.sort(key=len)",
    "def forward(size):",
    "  with torch.inference_mode():",
    "    for i in range(0, len(ids), size):",
    "      part = ids[i:i + size]; longest = len(part[-1])",
    "      batch = torch.tensor([row + [0] * (longest - len(row)) for row in part])",
    "      mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in part])",
    "      model(input_ids=batch, attention_mask=mask, output_hidden_states=True)",
  ].join("\n");
  return {
    "transformers, batches of 32": { setup, run: "forward(32)" },
    ...(oneByOne && { "transformers, one by one": { setup, run: "forward(1)" } }),
  };
}
