import type { Site } from "../core/sites.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Intervention } from "./interventions.js";
import type { ModelSite } from "./sites.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * What a model's head gives logits of: next tokens, masked tokens, classes of sequences or of tokens of which one is
 * right; scores that do not exclude each other (a regression, several labels at once), of sequences or of tokens; or
 * nothing that is computed.
 */
export type HeadKind =
  | "causal"
  | "masked"
  | "sequence-classification"
  | "token-classification"
  | "sequence-scores"
  | "token-scores"
  | "none";

/** What stands on a model's last layer. */
export interface Head {
  readonly kind: HeadKind;
  /** Names of a classifier's classes or of scores, by their numbers; empty for other heads. */
  readonly labels: readonly string[];
}

/** The encoder of an encoder-decoder, and how its decoder begins. */
export interface Encoder {
  readonly layers: number;
  /** Query heads of a layer; 0 for a recurrent network. */
  readonly heads: number;
  /** Of the ids that it reads. */
  readonly vocabulary: number;
  /** Infinity where positions do not count. */
  readonly maximumTokens: number;
  /** The id that the decoder reads first: config's `decoder_start_token_id`. */
  readonly start: number;
  /** The id behind which a decoded text ends; null where the config names none. */
  readonly end: number | null;
}

/** How several tokens become one row. */
export type Pooling = "first" | "last" | "mean" | "max";

/**
 * Rows of a capture: row i pools the packed tokens starts[i] … ends[i] − 1 of the batch, at least one each. The
 * `logits` of a sequence classifier are those of the sequence of its first token.
 */
export interface PooledRows {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly pool: Pooling;
}

/** The sites that a forward pass keeps, side by side in one matrix, each at its `offset`. */
export interface Capture {
  readonly sites: readonly Site[];
  /** Left out: one row per token, special tokens included, in packed order. */
  readonly rows?: PooledRows;
  /** A matrix as wide as all sites together that receives the rows from row `row` on; left out: a new one. */
  readonly into?: { readonly buffer: DeviceBuffer; readonly row: number };
}

/**
 * What a model remembers of the texts it has read: a recurrent model its state, a causal transformer the keys and values
 * of all tokens. It belongs to the model that made it.
 */
export interface TextState extends Disposable {
  readonly sequences: number;
  /** Tokens of each that were read. */
  readonly lengths: Uint32Array;
  /** The state of some of the sequences, in this order, on the same memory; dispose of both. */
  take(sequences: readonly number[]): TextState;
}

/**
 * One batch. Sequences are packed one behind the other without padding; packed token `t` of the
 * batch is token `t − starts[s]` of the sequence `s` that holds it.
 */
export interface ForwardRequest {
  /**
   * Token ids of every sequence, special tokens included; at least one token each. Of an encoder-decoder: what its
   * decoder reads; where there is none, only the encoder runs.
   */
  readonly sequences: readonly Uint32Array[];
  /**
   * The batch is its first `texts` sequences, over and over: what comes before the first site that is changed or kept is
   * computed once for all copies; in a model that reads from left to right also what comes before the first position
   * that is changed, and of other models all of a copy that is changed nowhere. In transformers a copy is computed from the
   * layer on that it is changed on, others from theirs. An encoder-decoder's copies share what the encoder makes of the
   * sources, unless a site of those is changed or kept. Not for texts that go on.
   */
  readonly texts?: number;
  /**
   * With `texts`, in transformers: one per packed token of `sequences`, 0 where interventions name it but leave every value
   * as it is, as the values of the texts tell: a zero that is set to zero. Left out: what they name is changed.
   */
  readonly changed?: Uint8Array;
  /**
   * Encoder-decoders: what the encoder reads for each of `sequences`. Packed tokens, positions and rows of sites
   * `encoder.…` are those of the sources.
   */
  readonly sources?: readonly Uint32Array[];
  /**
   * Encoder-decoders: one per sequence, the number of its source among `sources`, which several sequences may read: what
   * the encoder makes of it, and keys and values of that, are computed once. Left out: each has one of its own. Not with
   * `texts`, nor with interventions at sites of the sources.
   */
  readonly sourceOf?: Uint32Array;
  /**
   * One per packed token of `sequences`: its token type, such as 1 in the second text of a pair. Left out: those
   * of one text, 0 but for XLNet's `<cls>`.
   */
  readonly types?: Uint32Array;
  readonly capture?: Capture;
  readonly interventions?: readonly Intervention[];
  /**
   * One per sequence: the number under which the random draws of interventions know it; its place where left out. A state
   * brings those with which its texts began.
   */
  readonly identities?: Uint32Array;
  /** Sites `attention.scores` whose softmax weights are kept. */
  readonly scores?: readonly string[];
  /**
   * One per packed token of `sequences`: the id (of a token classifier: the class) that the token predicts, or
   * `NO_TARGET`. One per sequence for a sequence classifier. Asks for losses.
   */
  readonly targets?: Uint32Array;
  /** With `targets`: keep the logits of what has one. */
  readonly logits?: true;
  /**
   * One per sequence: the sequence of this batch, of the same length, that it is compared with, such as itself
   * without interventions. With `targets`, the logits of all of them are in memory at once.
   */
  readonly compareWith?: Uint32Array;
  /**
   * Go on from where an earlier batch left its texts: `sequences` then holds what follows, and positions count from the
   * beginning of the text. `start` begins texts that go on. Recurrent models, and transformers that predict the next
   * token, whose states can be gone on from once. An encoder-decoder reads its `sources` in the first batch only.
   */
  readonly state?: TextState | "start";
}

/** The target of a token or sequence whose prediction nobody asks for. */
export const NO_TARGET = 0xffffffff;

/** What a batch gave; it is computed in the background, in one submit, or two where its sequences are copies of texts. Dispose of it to free its matrix. */
export interface Forward extends Disposable {
  readonly tokens: number;
  /** sequences + 1 numbers: where each sequence starts among the packed tokens. */
  readonly starts: Uint32Array;
  /** Multiplications and additions of its linear maps: 2 · inputs · outputs a row. Attention between tokens is not counted. */
  readonly operations: number;
  /** Those of them that hang on `texts` alone: they are not done again where the batch before was of copies of the same. */
  readonly operationsOfTexts: number;
  /** Resolves when the batch is computed. */
  readonly done: Promise<void>;
  /** Rows × all captured columns, row-major float32; null where nothing was captured. */
  readonly captured: CapturedMatrix | null;
  /** −ln p of each target, in nats; 0 where there is none. One per packed token, or per sequence, as `targets`. */
  losses(): Promise<Float32Array>;
  /** p of each target, in [0, 1]; 0 where there is none. */
  probabilities(): Promise<Float32Array>;
  /** The likeliest id or class for each target; 0 where there is none. */
  predictions(): Promise<Uint32Array>;
  /** The logits of each target, one row after another, if `logits` was given. */
  logits(): Promise<Float32Array>;
  /** KL(other ‖ this) in nats of each target that has a counterpart in `compareWith`; 0 elsewhere. */
  divergences(): Promise<Float32Array>;
  /** ‖this − other‖ / ‖other‖ of each packed token's last residual (recurrent: last hidden state), against `compareWith`. */
  distances(): Promise<Float32Array>;
  /** The softmax weights of a site of `scores`, by sequence: heads × queries × keys. */
  scores(site: string): Promise<Float32Array[]>;
  /** Where the model stands after the last token of each sequence, if `state` was given; the caller disposes of it. */
  readonly state: TextState | null;
}

/** A captured matrix on the device: it is the model's, or the caller's where `into` was given. */
export interface CapturedMatrix {
  readonly buffer: DeviceBuffer;
  /** The row of the buffer at which this batch starts. */
  readonly row: number;
  readonly rows: number;
  readonly columns: number;
  /** The rows of this batch, on the host. */
  values(): Promise<Float32Array>;
}

/** A model on a device: open it with `await using`. */
export interface Model extends AsyncDisposable {
  /** The last part of its path. */
  readonly name: string;
  readonly path: string;
  /** The config's `model_type`. */
  readonly family: string;
  readonly head: Head;
  readonly device: Device;
  /** All sites in order; `attention.scores` has no width. */
  readonly sites: readonly ModelSite[];
  readonly layers: number;
  /** Query heads of a layer; 0 for a recurrent model. */
  readonly heads: number;
  /** Of an encoder-decoder, whose `layers` and `heads` are its decoder's; null for every other model. */
  readonly encoder: Encoder | null;
  /** The longest sequence it can read; Infinity for a recurrent model. */
  readonly maximumTokens: number;
  readonly vocabulary: number;
  /** Numbers in its weights, tied ones once. */
  readonly parameters: number;
  /** Element types of its weights in the files, such as F32 or BF16; arithmetic is in float32. */
  readonly dtypes: readonly string[];
  readonly tokenizer: Tokenizer;
  /** Of what an encoder-decoder's decoder reads and predicts; `tokenizer` for every other model. */
  readonly targetTokenizer: Tokenizer;
  /** The id that begins a text: config's `bos_token_id`; null where it names none. */
  readonly beginning: number | null;
  /** The ids behind which a text ends: config's `eos_token_id`. */
  readonly endings: readonly number[];
  /** Tensors of the file that nothing used. */
  readonly unused: readonly string[];
  /** SHA-256 of its files, in hex, and the seed behind it where weights are random: computed once, in the background. */
  fingerprint(): Promise<string>;
  /**
   * What neurons of a site add to the logits of the whole vocabulary, straight to the head and as far as that is linear: a
   * row per neuron, as wide as the vocabulary, each centred to mean 0. Left out by models that are not of files.
   *
   * @throws ArgumentError for a site that does not write to what the head reads, and for a model without such a head
   */
  logitLens?(site: string, neurons: Uint32Array): Promise<Float32Array>;
  /** @throws ArgumentError for an empty or too long sequence, an id outside the vocabulary, an unknown site */
  forward(request: ForwardRequest): Forward;
  /**
   * Bytes of device memory that a run of batches like this one takes, weights included; nothing is computed. Left out
   * by models that are not of files.
   *
   * @throws ArgumentError as `forward`
   */
  bytesOf?(request: ForwardRequest): number;
  /**
   * Whether what follows from the changes of a batch like this one is computed of the changed columns at first: else its
   * copies go the long way, and the layer in which they part from their texts is computed whole for each. Nothing is
   * computed. Left out by models that are not of files.
   *
   * @throws ArgumentError as `forward`
   */
  followsChanges?(request: ForwardRequest): boolean;
}
