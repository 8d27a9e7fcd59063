import { FileError } from "../core/errors.js";

/** The words of a file with their vectors, in the file's order; of a word that stands there twice, the first. */
export interface WordVectors {
  readonly words: readonly string[];
  readonly width: number;
  /** words × width. */
  readonly matrix: Float32Array;
}

/** Numbers that a file's word for its size is taken for at once. */
const mostAtOnce = 2 ** 28;

/** Collects words and vectors as a file is read. */
export class WordVectorsMaker {
  readonly #numbers = new Map<string, number>();
  #matrix: Float32Array;
  #lines = 0;

  /** @param expected words that the file says it has; null where it does not say */
  constructor(
    readonly path: string,
    readonly width: number,
    readonly expected: number | null,
  ) {
    this.#matrix = new Float32Array(Math.min((expected ?? 1024) * width, mostAtOnce));
  }

  /** How many words were read, repeated ones too. */
  get lines(): number {
    return this.#lines;
  }

  /** Where the next word's vector belongs: write it, and then `add` the word. */
  get room(): Float32Array {
    const end = (this.#numbers.size + 1) * this.width;
    if (end > this.#matrix.length) {
      const larger = new Float32Array(Math.max(end, 2 * this.#matrix.length));
      larger.set(this.#matrix);
      this.#matrix = larger;
    }
    return this.#matrix.subarray(end - this.width, end);
  }

  /**
   * Takes a word whose vector is in `room`; a repeated word is passed over.
   *
   * @param place where it stands in the file, for errors
   * @throws FileError for an empty word, or a number that is not finite
   */
  add(word: string, place: string): void {
    if (word === "") throw new FileError(this.path, "Expected a word before its numbers but found none", place);
    const wrong = this.room.find((value) => !Number.isFinite(value));
    if (wrong !== undefined)
      throw new FileError(this.path, `Expected finite numbers for "${word}" but found ${wrong}`, place);
    this.#lines++;
    if (!this.#numbers.has(word)) this.#numbers.set(word, this.#numbers.size);
  }

  /** @throws FileError where there are fewer words than the file says, or none */
  finish(): WordVectors {
    const expected = this.expected ?? 1;
    if (this.#lines < expected) {
      throw new FileError(this.path, `is cut short: expected ${expected} words but it has ${this.#lines}`);
    }
    const used = this.#matrix.subarray(0, this.#numbers.size * this.width);
    return { words: [...this.#numbers.keys()], width: this.width, matrix: used };
  }
}
