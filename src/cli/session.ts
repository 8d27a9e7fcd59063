import type { Device } from "../device/device.js";
import { Progress } from "./progress.js";

/** What every command takes, parsed. */
export interface SharedOptions {
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  readonly seed?: number | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** One run of a command: its device, its output, and the signal that Ctrl-C aborts. */
export class Session implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly seed: number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #options: SharedOptions;
  readonly #progress: Progress;
  readonly #owned: AsyncDisposable[] = [];
  #device: Promise<Device> | undefined;

  constructor(options: SharedOptions, signal: AbortSignal) {
    this.#options = options;
    this.signal = signal;
    this.seed = options.seed ?? 0;
    this.json = options.json;
    this.quiet = options.quiet;
    this.#progress = new Progress(process.stderr, options);
  }

  /** The device of `--device`, opened when first asked for and closed when the command ends. */
  device(): Promise<Device> {
    this.#device ??= this.#open();
    return this.#device;
  }

  /** Closes a resource when the command ends, last opened first. */
  own<Resource extends AsyncDisposable>(resource: Resource): Resource {
    this.#owned.push(resource);
    return resource;
  }

  /** What long work of the library is told: when to stop, and where to say how far it is. */
  get context() {
    return { signal: this.signal, onProgress: this.#progress.show.bind(this.#progress) };
  }

  /** A remark on stderr, not with `--quiet`. */
  say(sentence: string): void {
    this.#progress.say(sentence);
  }

  /** A result on stdout. */
  print(text: string): void {
    this.#progress.clear();
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** Part of a result on stdout, as it comes. */
  stream(text: string): void {
    this.#progress.clear();
    process.stdout.write(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#progress.clear();
    for (const resource of this.#owned.reverse()) await resource[Symbol.asyncDispose]();
  }

  async #open(): Promise<Device> {
    const { openDevice } = await import("../device/select.js");
    const { device, threads } = this.#options;
    return this.own(await openDevice(device, threads === undefined ? {} : { threads }));
  }
}
