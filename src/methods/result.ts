import type { SourceProvenance } from "../activations/source.js";
import type { Site } from "../core/sites.js";

/** A concept as results name it: a KEY with all its values, or one VALUE of it. */
export interface ConceptName {
  readonly key: string;
  readonly value: string | null;
}

/** What a result was made from. No time, path or thread count: the same job gives the same bytes. */
export interface Provenance extends SourceProvenance {
  readonly version: string;
  readonly device: string;
  readonly seed: number;
}

/** An order of columns, best first, and a score per column; larger is better, ties go to the lower column. */
export interface Order {
  readonly order: Uint32Array;
  readonly scores: Float64Array;
}

/** Every neuron of a space with a score and a place in the order. Methods add typed fields of their own. */
export interface Ranking extends Order {
  readonly kind: "ranking";
  readonly method: string;
  readonly concept: ConceptName | null;
  readonly sites: readonly Site[];
  /** For a concept with many values: the ranking of each. */
  readonly values?: Readonly<Record<string, Order>>;
  /** For a concept with many values: per column, the value that `scores` is of. */
  readonly best?: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

export interface Group {
  readonly label: number;
  readonly members: readonly number[];
  readonly representative: number;
}

/** Every neuron of a space with a group label; groups are labelled from 0 by their lowest column. */
export interface Grouping {
  readonly kind: "grouping";
  readonly method: string;
  readonly sites: readonly Site[];
  readonly labels: Int32Array;
  readonly groups: readonly Group[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

/** What a ranking or grouping is worth. */
export interface Evaluation<Values = Readonly<Record<string, unknown>>> {
  readonly kind: "evaluation";
  readonly method: string;
  readonly of: Ranking | Grouping | null;
  readonly values: Values;
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

/** How a method is told to stop, and tells how far it is. */
export interface MethodContext {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, what: string) => void;
}
