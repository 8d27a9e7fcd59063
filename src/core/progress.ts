/** How long work is told to stop, and tells how far it is. */
export interface Progress {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, what: string) => void;
}
