import { describeCommand } from "./command.js";
import { describeModel, showModel } from "./model-description.js";
import { loadModelOf, modelOptions } from "./source-options.js";

export const command = describeCommand({
  name: "inspect",
  summary: "Shows what a model is: its family, its size, and the sites that neurons are read from and changed at.",
  usage: "MODEL",
  words: { least: 1, most: 1, are: "one MODEL" },
  options: { weights: modelOptions.weights },
  notes: [
    "MODEL is a directory in the Hugging Face layout (config.json, model.safetensors, tokenizer.json) or a hub id. A neuron's name is its site and its number there, such as layers.3.mlp.hidden:871.",
  ],
  examples: ["inspect path/to/all-minilm-l6-v2", "inspect path/to/llama --json"],
  async run([path = ""], { weights }, session) {
    const model = await loadModelOf({ model: path, weights }, session);
    const description = describeModel(model);
    session.print(session.json ? JSON.stringify(description, null, 2) : showModel(description));
  },
});
