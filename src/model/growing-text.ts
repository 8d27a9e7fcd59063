import type { Tokenizer } from "./tokenizer.js";

/** Tokens before the new ones that are decoded with them, as a token's spelling may depend on what stands before it. */
const context = 8;
/** Tokens that are decoded again with a new one at most. */
const longest = 32;

/** The text that a growing list of tokens gives: whole characters, up to the first of some stop strings. */
export class GrowingText {
  /** What is settled: no later token changes it. */
  text = "";
  /** Whether a stop string was found; the text ends before it. */
  stopped = false;
  readonly #ids: number[];
  /** Tokens before it are not decoded any more. */
  #from = 0;
  /** What the tokens from there on gave that are in the text or held back; null until they are decoded. */
  #known: string | null = null;
  /** Decoded, but it may begin a stop string. */
  #held = "";
  readonly #before: number;

  constructor(
    readonly tokenizer: Tokenizer,
    before: ArrayLike<number>,
    readonly stops: readonly string[],
    /** Whether `add` has to tell what a token adds; else all is decoded at the end. */
    readonly watched = true,
  ) {
    this.#ids = Array.from(before).slice(-context);
    this.#before = this.#ids.length;
  }

  /** Adds a token. @returns what the text grew by */
  async add(id: number): Promise<string> {
    this.#ids.push(id);
    if (!this.watched) return "";
    this.#known ??= await this.#decode(this.#before);
    const all = await this.#decode();
    const added = all.slice(this.#known.length);
    if (added === "" || added.endsWith("\ufffd")) return ""; // a character may be incomplete
    this.#known = all;
    if (this.#ids.length - this.#from > longest) {
      this.#from = this.#ids.length - context;
      this.#known = await this.#decode();
    }
    return this.#settle(added);
  }

  /** No token follows. @returns what was held back */
  async end(): Promise<string> {
    if (this.stopped) return "";
    const known = this.#known ?? (await this.#decode(this.#before));
    const rest = this.#held + (await this.#decode()).slice(known.length);
    this.#held = "";
    this.text += rest;
    return rest;
  }

  #decode(end?: number): Promise<string> {
    return this.tokenizer.decode(this.#ids.slice(this.#from, end));
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
