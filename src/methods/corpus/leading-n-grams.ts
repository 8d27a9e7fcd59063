import type { Scored } from "./n-gram-search.js";

/** The best n-grams of many whose values come one by one, and the mean and deviation of all of these (Welford 1962). */
export class LeadingNGrams {
  /** The best first, at most `most`; ties go to the one that came first. `place` counts from 0 as they came. */
  readonly best: (Scored & { readonly place: number })[] = [];
  count = 0;
  mean = 0;
  #squares = 0;

  constructor(readonly most: number) {}

  add(ids: Uint32Array, value: number): void {
    const place = this.count++;
    const difference = value - this.mean;
    this.mean += difference / this.count;
    this.#squares += difference * (value - this.mean);
    if (this.best.length === this.most && !(value > this.best.at(-1)!.value)) return;
    const behind = this.best.findIndex((one) => one.value < value);
    this.best.splice(behind < 0 ? this.best.length : behind, 0, { ids, value, place });
    if (this.best.length > this.most) this.best.pop();
  }

  /** Of the population; 0 where there is none. */
  get deviation(): number {
    return this.count === 0 ? 0 : Math.sqrt(this.#squares / this.count);
  }
}
