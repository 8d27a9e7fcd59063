import { join } from "node:path";
import { FileError } from "../core/errors.js";
import { exists } from "../core/files.js";
import { Config } from "./config.js";
import { isJsonObject, type JsonObject, readJsonFile } from "./json-file.js";

/** A token that is found in a text before the vocabulary's rules are tried, as a tokenizer.json describes it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** The files beside a vocabulary that say how it is used, where they are. */
const settingsFiles = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"] as const;

/** What stands beside a vocabulary: settings, and tokens that were added to it. */
export class TokenizerSettings {
  constructor(
    /** tokenizer_config.json over special_tokens_map.json. */
    readonly config: Config,
    /** Tokens that the vocabulary's own file lacks, by id. */
    readonly added: ReadonlyMap<number, Partial<AddedToken> & { readonly content: string }>,
    /** The files that were read. */
    readonly files: readonly string[],
  ) {}

  /** How a special token is spelt: by its key, such as `mask_token`; null where there is none. */
  spelling(key: string, fallback: string | null): string | null {
    const value = this.config.values[key] === undefined ? fallback : this.config.values[key];
    if (value === null || typeof value === "string") return value;
    if (isJsonObject(value) && typeof value.content === "string") return value.content;
    throw this.config.refuse(key, "a token");
  }

  /**
   * The added tokens of a tokenizer: those that the files add, and those of `keys` that the vocabulary has.
   *
   * @param strips special tokens that swallow the space before them where the settings do not say it
   */
  describe(
    vocabulary: ReadonlyMap<string, number>,
    keys: Readonly<Record<string, string | null>>,
    strips: readonly string[] = [],
  ): AddedToken[] {
    const tokens = new Map<number, AddedToken>();
    for (const [id, { content, ...more }] of this.added) tokens.set(id, { ...plainToken(id, content), ...more });
    for (const [key, fallback] of Object.entries(keys)) {
      const content = this.spelling(key, fallback);
      const id = content === null ? undefined : (vocabulary.get(content) ?? idOf(tokens, content));
      if (content === null || id === undefined) continue;
      const given = this.config.values[key];
      const own = isJsonObject(given) ? flagsOf(given) : { lstrip: strips.includes(key) };
      tokens.set(id, { ...plainToken(id, content), ...own, ...tokens.get(id), normalized: false, special: true });
    }
    return [...tokens.values()].sort((a, b) => a.id - b.id);
  }
}

/** Reads what stands beside a vocabulary. @throws FileError for a file that is broken */
export async function readTokenizerSettings(directory: string): Promise<TokenizerSettings> {
  const files = new Map<string, JsonObject>();
  for (const name of settingsFiles) {
    const path = join(directory, name);
    if (await exists(path)) files.set(path, await readJsonFile(path, `a ${name}`));
  }
  const [path, map, added] = settingsFiles.map((name) => join(directory, name)) as [string, string, string];
  const config = new Config(path, { ...files.get(map), ...files.get(path) });
  return new TokenizerSettings(config, readAdded(config, added, files.get(added) ?? {}), [...files.keys()]);
}

/** Tokens with ids of their own: `added_tokens_decoder` by id, and added_tokens.json by token. */
function readAdded(config: Config, path: string, byToken: JsonObject) {
  const added = new Map<number, Partial<AddedToken> & { readonly content: string }>();
  for (const [content, id] of Object.entries(byToken)) {
    if (!isId(id)) throw new FileError(path, `Expected an id for ${JSON.stringify(content)}`);
    added.set(id, { content });
  }
  const byId = config.values.added_tokens_decoder ?? {};
  if (!isJsonObject(byId)) throw config.refuse("added_tokens_decoder", "an object from ids to tokens");
  for (const [id, token] of Object.entries(byId)) {
    if (!isId(Number(id)) || !isJsonObject(token) || typeof token.content !== "string") {
      throw config.refuse("added_tokens_decoder", "an object from ids to tokens");
    }
    added.set(Number(id), { content: token.content, ...flagsOf(token) });
  }
  return added;
}

function plainToken(id: number, content: string): AddedToken {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: true, special: false };
}

function flagsOf(token: JsonObject): Partial<AddedToken> {
  const names = ["single_word", "lstrip", "rstrip", "normalized", "special"];
  return Object.fromEntries(
    names.filter((name) => typeof token[name] === "boolean").map((name) => [name, token[name]]),
  );
}

function idOf(tokens: ReadonlyMap<number, AddedToken>, content: string): number | undefined {
  return [...tokens.values()].find((token) => token.content === content)?.id;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
