import { FileError } from "../core/errors.js";
import { type WordVectors, WordVectorsMaker } from "./word-vectors.js";

// word2vec's binary format: a line "words width", and then for each word its bytes, a space, and width float32,
// little-endian; a line end may stand before a word.

const [space, newline] = [0x20, 0x0a];
/** The first four bytes of fastText's own format. */
const fastTextMagic = 793_712_314;
const longestWord = 1 << 16;

/** Reads vectors in word2vec's binary format. @throws FileError if the file is of another kind, or cut short */
export async function readBinaryVectors(path: string, pieces: AsyncIterable<Uint8Array>): Promise<WordVectors> {
  const bytes = new ByteReader(pieces);
  const magic = await bytes.peek(4);
  if (magic && Buffer.from(magic).readUInt32LE() === fastTextMagic) {
    throw new FileError(path, "Expected word2vec's binary format but it is fastText's: use its .vec file", "byte 0");
  }
  const start = await bytes.until(newline, 64);
  const header = /^(\d+) (\d+)\s*$/.exec(start ? Buffer.from(start).toString("latin1") : "");
  const [words, width] = [Number(header?.[1] ?? 0), Number(header?.[2] ?? 0)];
  if (words === 0 || width === 0) {
    throw new FileError(path, "Expected a line with the number of words and of numbers each has", "byte 0");
  }
  const maker = new WordVectorsMaker(path, width, words);
  const decoder = new TextDecoder();
  while (maker.lines < words) {
    const word = await bytes.until(space, longestWord);
    const numbers = word && (await bytes.take(4 * width));
    if (!numbers) break;
    const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    const { room } = maker;
    for (let column = 0; column < width; column++) room[column] = view.getFloat32(4 * column, true);
    maker.add(decoder.decode(word).replace(/^\n/, ""), `word ${maker.lines + 1}`);
  }
  return maker.finish();
}

/** Takes runs of bytes from pieces. */
class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next `count` bytes, which stay; null where there are fewer. */
  async peek(count: number): Promise<Uint8Array | null> {
    while (this.#rest.length < count) if (!(await this.#more())) return null;
    return this.#rest.subarray(0, count);
  }

  /** The next `count` bytes; null where there are fewer. */
  async take(count: number): Promise<Uint8Array | null> {
    const taken = await this.peek(count);
    if (taken) this.#rest = this.#rest.subarray(count);
    return taken;
  }

  /** The bytes before the next `stop`, which is passed over; null where it is not among the next `most`. */
  async until(stop: number, most: number): Promise<Uint8Array | null> {
    for (;;) {
      const end = this.#rest.subarray(0, most).indexOf(stop);
      if (end >= 0) {
        const taken = this.#rest.subarray(0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return taken;
      }
      if (this.#rest.length >= most || !(await this.#more())) return null;
    }
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#pieces.next();
    if (done) return false;
    const whole = new Uint8Array(this.#rest.length + value.length);
    whole.set(this.#rest);
    whole.set(value, this.#rest.length);
    this.#rest = whole;
    return true;
  }
}
