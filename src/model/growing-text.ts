import type { Tokenizer } from "./tokenizer.js";

/** Tokens before the new ones that are decoded with them, as a token's spelling may depend on what stands before it. */
const context = 8;

/** The text that a growing list of tokens gives: whole characters, up to the first of some stop strings. */
export class GrowingText {
  /** What is settled: no later token changes it. */
  text = "";
  /** Whether a stop string was found; the text ends before it. */
  stopped = false;
  readonly #ids: number[];
  /** Tokens before `#from` are not decoded any more; those before `#read` are in the text. */
  #from: number;
  #read: number;
  /** Decoded, but it may begin a stop string. */
  #held = "";

  constructor(
    readonly tokenizer: Tokenizer,
    before: ArrayLike<number>,
    readonly stops: readonly string[],
  ) {
    this.#ids = Array.from(before).slice(-context);
    [this.#from, this.#read] = [0, this.#ids.length];
  }

  /** Adds a token. @returns what the text grew by */
  async add(id: number): Promise<string> {
    this.#ids.push(id);
    const added = await this.#decodeNew();
    if (added === "" || added.endsWith("\ufffd")) return ""; // a character may be incomplete
    [this.#from, this.#read] = [this.#read, this.#ids.length];
    return this.#settle(added);
  }

  /** No token follows. @returns what was held back */
  async end(): Promise<string> {
    const rest = this.#held + (this.#read < this.#ids.length && !this.stopped ? await this.#decodeNew() : "");
    this.#held = "";
    if (this.stopped) return "";
    this.text += rest;
    return rest;
  }

  async #decodeNew(): Promise<string> {
    const known = await this.tokenizer.decode(this.#ids.slice(this.#from, this.#read));
    const all = await this.tokenizer.decode(this.#ids.slice(this.#from));
    return all.slice(known.length);
  }

  #settle(added: string): string {
    const open = this.#held + added;
    const ends = this.stops.map((stop) => open.indexOf(stop)).filter((at) => at >= 0);
    this.stopped = ends.length > 0;
    const settled = this.stopped ? Math.min(...ends) : open.length - this.#begun(open);
    this.#held = open.slice(settled);
    this.text += open.slice(0, settled);
    return open.slice(0, settled);
  }

  /** How many of the last characters may be the beginning of a stop string. */
  #begun(text: string): number {
    const lengths = this.stops.flatMap((stop) =>
      Array.from({ length: stop.length - 1 }, (_, i) => stop.slice(0, i + 1)),
    );
    return Math.max(0, ...lengths.filter((begin) => text.endsWith(begin)).map(({ length }) => length));
  }
}
