/** Where progress and remarks go: stderr, unless `--quiet`. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Tells how far long work is: one line that is written over on a terminal, a plain line every tenth otherwise. */
export class Progress {
  #last = "";
  #told = -1;
  #drawn = 0;
  readonly #terminal: Terminal;
  readonly #quiet: boolean;

  constructor(terminal: Terminal, { quiet }: { readonly quiet: boolean }) {
    this.#terminal = terminal;
    this.#quiet = quiet;
  }

  /** `done` of `total`, and of what: "sentences", "neurons". */
  show(done: number, total: number, what: string): void {
    if (this.#quiet || total <= 0) return;
    if (this.#terminal.isTTY) this.#draw(done, total, what);
    else this.#tell(done, total, what);
  }

  #tell(done: number, total: number, what: string): void {
    const tenth = Math.floor((10 * done) / total);
    const line = `${what}: ${10 * tenth} %`;
    if (tenth === this.#told && this.#last.startsWith(what)) return;
    this.#told = tenth;
    this.#last = line;
    this.#terminal.write(`${line}\n`);
  }

  /** A remark, on a line of its own. */
  say(sentence: string): void {
    if (this.#quiet) return;
    this.clear();
    this.#terminal.write(`${sentence}\n`);
  }

  /** Takes the line that is written over away. */
  clear(): void {
    if (this.#terminal.isTTY && this.#last) this.#terminal.write("\r\x1b[K");
    this.#last = "";
  }

  #draw(done: number, total: number, what: string): void {
    const now = performance.now();
    if (now - this.#drawn < 50 && done < total) return;
    this.#drawn = now;
    const filled = Math.round((24 * done) / total);
    this.#last = `${"█".repeat(filled)}${"░".repeat(24 - filled)} ${Math.floor((100 * done) / total)} % ${what}`;
    this.#terminal.write(`\r\x1b[K${this.#last}`);
    if (done >= total) this.clear();
  }
}
