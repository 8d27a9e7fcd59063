import { FileError } from "../../core/errors.js";
import { suggest } from "../../core/suggest.js";
import type { Config } from "../config.js";
import { isJsonObject } from "../json-file.js";
import type { Architecture } from "../network.js";
import { albert } from "./albert.js";
import { bart } from "./bart.js";
import { bert } from "./bert.js";
import { distilbert } from "./distilbert.js";
import { electra } from "./electra.js";
import { gemma2 } from "./gemma2.js";
import { gptJ } from "./gpt-j.js";
import { gptNeo } from "./gpt-neo.js";
import { gptNeox } from "./gpt-neox.js";
import { gpt2 } from "./gpt2.js";
import { llama } from "./llama.js";
import { mistral } from "./mistral.js";
import { mlstm } from "./mlstm.js";
import { opt } from "./opt.js";
import { qwen2 } from "./qwen2.js";
import { qwen3 } from "./qwen3.js";
import { rnn } from "./rnn.js";
import { rnnSeq2seq } from "./rnn-seq2seq.js";
import { rnnTagger } from "./rnn-tagger.js";
import { roberta } from "./roberta.js";
import { staticEmbeddings } from "./static.js";
import { t5 } from "./t5.js";
import { xlnet } from "./xlnet.js";

/** Every family by the config's `model_type`. */
export const architectures: Readonly<Record<string, Architecture>> = {
  albert,
  bart,
  bert,
  camembert: roberta,
  distilbert,
  electra,
  gemma2,
  gpt2,
  gpt_neo: gptNeo,
  gpt_neox: gptNeox,
  gptj: gptJ,
  llama,
  mistral,
  mlstm_lm: mlstm,
  opt,
  qwen2,
  qwen3,
  rnn_lm: rnn,
  rnn_seq2seq: rnnSeq2seq,
  rnn_tagger: rnnTagger,
  roberta,
  static: staticEmbeddings,
  t5,
  "xlm-roberta": roberta,
  xlnet,
};

/** The family of a config. @throws FileError that lists the families there are */
export function findArchitecture(config: Config): Architecture {
  const type = config.modelType;
  const known = Object.keys(architectures);
  const found = known.includes(type) ? architectures[type] : undefined;
  if (found) return found;
  const { text_config: text } = config.values;
  const part =
    isJsonObject(text) && text.model_type ? `, of which text_config (${text.model_type}) is only a part` : "";
  const problem = `Expected one of ${known.join(", ")}${suggest(type, known)} for model_type but received "${type}"${part}`;
  throw new FileError(config.path, problem);
}
