import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Corpus } from "../../corpus/corpus.js";
import { readCorpus } from "../../corpus/read.js";
import { loadModel } from "../../model/load.js";
import type { Model } from "../../model/model.js";
import type { Session } from "../session.js";

/** Where this package keeps the demo's models and corpus. */
const demoFolder = fileURLToPath(new URL("../../../src/demo", import.meta.url));

/** Two models, the sentences on which neurons are ranked, and others on which they are ablated. */
export interface Material {
  /** One layer of 192 LSTM units over bytes. */
  readonly lstm: Model;
  /** Four transformer layers over words. */
  readonly llama: Model;
  readonly dev: Corpus;
  readonly test: Corpus;
}

/** Opens what the demo works on; the models are closed with the session. */
export async function openMaterial(session: Session): Promise<Material> {
  const device = await session.device();
  const load = async (name: string) => session.own(await loadModel(join(demoFolder, "models", name), { device }));
  const read = (split: string) => readCorpus(join(demoFolder, "corpus", `${split}.conllu`));
  return { lstm: await load("lstm"), llama: await load("llama"), dev: await read("dev"), test: await read("test") };
}
