/** Where progress and remarks go: stderr, unless `--quiet`. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Milliseconds after which work has told enough of its speed, and between plain lines. */
const enough = 2000;
const patience = 60_000;

/**
 * Tells how far long work is, and how long the rest will take at the speed so far: one line that is written over on a
 * terminal; otherwise a plain line every tenth, or every minute.
 */
export class Progress {
  #last = "";
  #what = "";
  #begun = { done: 0, at: 0 };
  #toldAt = 0;
  #told = -1;
  #drawn = 0;
  readonly #terminal: Terminal;
  readonly #quiet: boolean;
  readonly #now: () => number;

  /** @param now a clock, in milliseconds */
  constructor(terminal: Terminal, { quiet }: { readonly quiet: boolean }, now = () => performance.now()) {
    this.#terminal = terminal;
    this.#quiet = quiet;
    this.#now = now;
  }

  /** `done` of `total`, and of what: "sentences", "neurons". */
  show(done: number, total: number, what: string): void {
    if (this.#quiet || total <= 0) return;
    this.#begin(done, what);
    if (this.#terminal.isTTY) this.#draw(done, total, what);
    else this.#tell(done, total, what);
  }

  /** Work that goes on from where an earlier run left it has its speed from there. */
  #begin(done: number, what: string): void {
    if (what === this.#what && done >= this.#begun.done) return;
    this.#what = what;
    this.#begun = { done, at: this.#now() };
  }

  /** `, 3 min left`; nothing before the speed is known, or at the end. */
  #left(done: number, total: number): string {
    const elapsed = this.#now() - this.#begun.at;
    const fresh = done - this.#begun.done;
    if (elapsed < enough || fresh <= 0 || done >= total) return "";
    return `, ${durationText((elapsed * (total - done)) / fresh / 1000)} left`;
  }

  #tell(done: number, total: number, what: string): void {
    const tenth = Math.floor((10 * done) / total);
    const now = this.#now();
    const same = tenth === this.#told && this.#last.startsWith(what);
    if (same && now - this.#toldAt < patience) return;
    const share = same ? Math.floor((100 * done) / total) : 10 * tenth;
    const line = `${what}: ${share} %${this.#left(done, total)}`;
    this.#told = tenth;
    this.#toldAt = now;
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
    const now = this.#now();
    if (now - this.#drawn < 50 && done < total) return;
    this.#drawn = now;
    const filled = Math.round((24 * done) / total);
    this.#last = `${"█".repeat(filled)}${"░".repeat(24 - filled)} ${Math.floor((100 * done) / total)} % ${what}${this.#left(done, total)}`;
    this.#terminal.write(`\r\x1b[K${this.#last}`);
    if (done >= total) this.clear();
  }
}

/** A duration in its two largest units: `8 s`, `3 min`, `2 h 10 min`, `4 d 3 h`. */
export function durationText(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
