/** A resource with several owners, disposed of by the last of them. */
export class Shared<Resource extends Disposable> {
  #owners = 0;

  constructor(readonly resource: Resource) {}

  /** One more owner. @returns what it calls when it is done, once */
  own(): () => void {
    this.#owners++;
    let owned = true;
    return () => {
      if (owned && --this.#owners === 0) this.resource[Symbol.dispose]();
      owned = false;
    };
  }
}
