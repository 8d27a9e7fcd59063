import { homedir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "../../core/errors.js";
import { exists } from "../../core/files.js";
import { readText } from "../../core/reading.js";

/** Where models come from and are kept: what the variables of huggingface_hub say. */
export interface HubEnvironment {
  /** `HF_ENDPOINT`, without a slash behind; default https://huggingface.co. */
  readonly endpoint: string;
  /** `HF_HUB_CACHE`, or `hub` in `HF_HOME`; default ~/.cache/huggingface/hub. */
  readonly cache: string;
  /** `HF_TOKEN`, or the content of `HF_TOKEN_PATH` or of `token` in `HF_HOME`; null where there is none. */
  readonly token: string | null;
  /** `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`: nothing is asked of the hub. */
  readonly offline: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the variables of the process. @throws ArgumentError for an endpoint that is no address */
export async function readHubEnvironment(variables: Variables = process.env): Promise<HubEnvironment> {
  const home = variables.HF_HOME || join(variables.XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface");
  const cache = variables.HF_HUB_CACHE || variables.HUGGINGFACE_HUB_CACHE || join(expandHome(home), "hub");
  return {
    endpoint: endpointOf(variables.HF_ENDPOINT || "https://huggingface.co"),
    cache: expandHome(cache),
    token: await tokenOf(variables, expandHome(home)),
    offline: isSet(variables.HF_HUB_OFFLINE) || isSet(variables.TRANSFORMERS_OFFLINE),
  };
}

function endpointOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new ArgumentError("HF_ENDPOINT", "an http address", text);
  return text.replace(/\/+$/, "");
}

async function tokenOf(variables: Variables, home: string): Promise<string | null> {
  const given = variables.HF_TOKEN || variables.HUGGING_FACE_HUB_TOKEN;
  if (given) return clean(given);
  const path = expandHome(variables.HF_TOKEN_PATH || join(home, "token"));
  return (await exists(path)) ? clean(await readText(path)) : null;
}

function clean(token: string): string | null {
  const text = token.trim();
  if (!/^[\x21-\x7e]*$/.test(text))
    throw new ArgumentError("HF_TOKEN", "a token of letters and digits", "another text");
  return text || null;
}

function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

/** Yes, in the words of huggingface_hub. */
function isSet(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((value ?? "").toUpperCase());
}
