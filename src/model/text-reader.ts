import type { Generation } from "./generate.js";
import { GrowingText } from "./growing-text.js";
import type { Intervention } from "./interventions.js";
import { type Forward, type ForwardRequest, type Model, NO_TARGET, type TextState } from "./model.js";
import { chooseToken, isGreedy, type Sampling } from "./sampling.js";
import { isOfSources } from "./stacks.js";

/** One text as it grows. */
export class OpenText {
  /** Chosen ids. */
  readonly ids: number[] = [];
  readonly growing: GrowingText;
  /** What the model reads of it: a decoder begins with an id of its own. */
  readonly first: Uint32Array;
  end: Generation["end"] | null;

  constructor(
    readonly model: Model,
    readonly number: number,
    readonly prompt: Uint32Array,
    readonly limits: {
      readonly tokens: number;
      readonly ends: readonly number[];
      readonly stops: readonly string[];
      readonly watched: boolean;
    },
  ) {
    this.first = model.encoder ? Uint32Array.of(model.encoder.start) : prompt;
    this.growing = new GrowingText(model.targetTokenizer, this.first, limits.stops, limits.watched);
    this.end = this.#limit();
  }

  /** All that the model has read and will read next. */
  get all(): Uint32Array {
    return Uint32Array.of(...this.first, ...this.ids);
  }

  /** Takes the next token. @returns what the text grew by */
  async add(id: number): Promise<string> {
    this.ids.push(id);
    if (this.limits.ends.includes(id)) {
      this.end = "ending";
      return "";
    }
    const added = await this.growing.add(id);
    this.end = this.growing.stopped ? "stop" : this.#limit();
    return added;
  }

  #limit(): Generation["end"] | null {
    if (this.ids.length >= this.limits.tokens) return "tokens";
    return this.first.length + this.ids.length >= this.model.maximumTokens ? "positions" : null;
  }
}

/** How texts are read. */
export interface ReaderOptions {
  readonly interventions: readonly Intervention[];
  readonly sampling: Sampling;
  /** The number under which the random draws of interventions know each text; left out: its own. */
  readonly identities?: Uint32Array | undefined;
}

/** Reads what is new of every open text, one batch a step. */
export class TextReader implements Disposable {
  open: readonly OpenText[];
  /** Multiplications and additions of linear maps, of all steps. */
  operations = 0;
  #state: TextState | "start" = "start";
  readonly #greedy: boolean;

  constructor(
    readonly model: Model,
    texts: readonly OpenText[],
    readonly options: ReaderOptions,
  ) {
    this.open = texts.filter(({ end }) => end === null);
    this.#greedy = isGreedy(options.sampling);
  }

  [Symbol.dispose](): void {
    if (this.#state !== "start") this.#state[Symbol.dispose]();
    this.#state = "start";
  }

  /** One more token of every open text. @returns what each grew by */
  async step(): Promise<[number: number, added: string][]> {
    const texts = this.open;
    using forward = this.#forward(texts);
    using next = forward.state;
    const chosen = await this.#choose(forward, texts);
    this.operations += forward.operations;
    const grown: [number, string][] = [];
    for (const [i, text] of texts.entries()) grown.push([text.number, await text.add(chosen[i]!)]);
    this.#goOn(next, texts);
    return grown;
  }

  #forward(texts: readonly OpenText[]): Forward {
    const { encoder } = this.model;
    const { identities, interventions } = this.options;
    const started = this.#state !== "start";
    const sequences = texts.map(({ all, ids }) => (started ? Uint32Array.of(ids.at(-1)!) : all));
    const targets = new Uint32Array(sequences.reduce((sum, { length }) => sum + length, 0)).fill(NO_TARGET);
    sequences.reduce((end, { length }) => {
      targets[end + length - 1] = 0; // any id: what is asked for are its logits
      return end + length;
    }, 0);
    return this.model.forward({
      sequences,
      targets,
      ...(encoder && !started && this.#sourcesOf(texts)),
      ...(!started && { identities: Uint32Array.from(texts, ({ number }) => identities?.[number] ?? number) }),
      interventions: interventions.flatMap((intervention) => renumber(intervention, texts)),
      ...(!this.#greedy && { logits: true }),
      state: this.#state,
    } satisfies ForwardRequest);
  }

  /** What the encoder reads: equal prompts once, unless what it makes of each is changed by itself. */
  #sourcesOf(texts: readonly OpenText[]): Pick<ForwardRequest, "sources" | "sourceOf"> {
    const prompts = texts.map(({ prompt }) => prompt);
    if (this.options.interventions.some((one) => isOfSources(one, this.model.sites))) return { sources: prompts };
    const numbers = new Map<string, number>();
    const sources: Uint32Array[] = [];
    const sourceOf = Uint32Array.from(prompts, (prompt) => {
      const key = prompt.join();
      const number = numbers.get(key) ?? sources.push(prompt) - 1;
      numbers.set(key, number);
      return number;
    });
    return { sources, sourceOf };
  }

  async #choose(forward: Forward, texts: readonly OpenText[]): Promise<number[]> {
    if (this.#greedy) {
      const likeliest = await forward.predictions();
      return texts.map((_, i) => likeliest[forward.starts[i + 1]! - 1]!);
    }
    const logits = await forward.logits();
    const width = logits.length / texts.length;
    return texts.map(({ number, ids, all }, i) => {
      const own = logits.subarray(i * width, (i + 1) * width);
      return chooseToken(own, this.options.sampling, all, { text: number, position: ids.length });
    });
  }

  /** Keeps the state of the texts that are still open. */
  #goOn(next: TextState | null, texts: readonly OpenText[]): void {
    this[Symbol.dispose]();
    this.open = texts.filter(({ end }) => end === null);
    const stay = texts.flatMap(({ end }, i) => (end === null ? [i] : []));
    if (next && stay.length > 0) this.#state = next.take(stay);
  }
}

/** An intervention on some prompts as one on those of them that are still open, which follow each other. */
function renumber(intervention: Intervention, texts: readonly OpenText[]): Intervention[] {
  const { sequence } = intervention;
  if (sequence === undefined) return [intervention];
  const [first, end] = typeof sequence === "number" ? [sequence, sequence + 1] : sequence;
  const run = [placeOf(first, texts), placeOf(end, texts)] as const;
  return run[0] < run[1] ? [{ ...intervention, sequence: run }] : [];
}

/** How many of the texts, which are in the order of their numbers, come before a number. */
function placeOf(number: number, texts: readonly OpenText[]): number {
  let [low, high] = [0, texts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (texts[middle]!.number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
