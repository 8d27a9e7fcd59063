import type { Device, DeviceBuffer } from "../device/device.js";
import { changedProductKernel } from "../kernels/changed-product.js";
import { entryWords } from "../kernels/intervene.js";
import { type Batch, lengthOf, type Past, packSequences, packTimeMajor } from "./batch.js";
import { batchFields, batchParameters, type Job } from "./batch-inputs.js";
import { type Capacity, roundCapacity, roundUp } from "./capacity.js";
import { changesAt } from "./changed-heads.js";
import { checkRequest } from "./check-request.js";
import { type CompiledPlan, keptBytes, mostPlans, PlanCache, planBytes, recordPlan } from "./compiled-plan.js";
import { packCopies, placesOfCopies } from "./copies.js";
import { ForwardResult } from "./forward-result.js";
import { sitesOf } from "./intervention-columns.js";
import { makeTable } from "./intervention-table.js";
import { batchAt, packJoined } from "./joins.js";
import { CacheState, KeyCache } from "./key-cache.js";
import type { Forward, ForwardRequest, PooledRows } from "./model.js";
import { classifiesSequences, type Network } from "./network.js";
import { ownRows, sharesRows } from "./own-rows.js";
import type { PlanRequest } from "./plan-request.js";
import { DeviceState } from "./recurrent-state.js";
import { packShared } from "./shared-rows.js";
import { placeOf, type StackBatches, sourcesOf } from "./stacks.js";
import { endOf, forkOf } from "./stages.js";
import { findTargets, noTargets } from "./targeted.js";

/** Runs a network: packs batches, finds the plan that fits, and submits it once per batch. */
export class Engine implements Disposable {
  readonly #plans: PlanCache;
  readonly #zeros: DeviceBuffer | null;

  constructor(
    readonly device: Device,
    readonly network: Network,
  ) {
    this.#plans = new PlanCache(device, network);
    const widths = [network.recurrence, network.encoder?.recurrence].map((own) => own?.width ?? 0);
    this.#zeros = network.recurrence && device.upload(new Float32Array(Math.max(...widths)));
  }

  forward(request: ForwardRequest): Forward {
    checkRequest(this.network, request);
    const job = this.#prepare(request);
    try {
      return this.#run(job);
    } finally {
      if (request.state === "start") job.cached?.[Symbol.dispose](); // the result's state keeps its memory
    }
  }

  /** Bytes of device memory that batches like this one take: of as many plans as stay compiled, and of two results with what they keep. */
  bytesOf(request: ForwardRequest): number {
    checkRequest(this.network, request);
    const job = this.#prepare(request);
    const plan = this.#planRequest(job, this.#need(job));
    const { tokens, targets, rows } = plan.capacity;
    const logits = plan.keepLogits ? targets * (this.network.head?.width ?? 0) : 0;
    const result = 4 * (3 * targets + tokens + rows * plan.columns + logits);
    const kept = plan.keepState ? keptBytes(this.network, plan) : 0;
    return mostPlans * planBytes(this.network, plan) + 2 * (result + kept);
  }

  /** Whether some linear map is computed of what differs from the texts alone. */
  followsChanges(request: ForwardRequest): boolean {
    checkRequest(this.network, request);
    const job = this.#prepare(request);
    const { recorder } = recordPlan(this.network, this.#planRequest(job, this.#need(job)));
    return recorder.steps.some(({ kernel }) => kernel.name === changedProductKernel.name);
  }

  [Symbol.dispose](): void {
    this.#plans[Symbol.dispose]();
    this.#zeros?.[Symbol.dispose]();
  }

  #run(job: Job): Forward {
    const need = this.#need(job);
    const compiled = this.#plans.find(this.#planRequest(job, need), need);
    this.#makeRoom(job, compiled);
    const result = new ForwardResult(this.device, this.network, { ...job, plan: compiled.request });
    const inputs = compiled.recording.inputs.fill(batchFields(job, this.network, compiled.request));
    this.device.write(compiled.inputs, inputs);
    if (compiled.vectors && job.table.vectors.length > 0) this.device.write(compiled.vectors, job.table.vectors);
    const buffers = { ...result.buffers, ...this.#given(compiled, job) };
    const parameters = batchParameters(job, compiled, this.network);
    const done = compiled.submit({ buffers, parameters, inputs });
    result.start(done, () => compiled.count(parameters));
    return result;
  }

  #prepare(request: ForwardRequest): Job {
    const { sequences, sources, interventions = [], capture, targets, identities } = request;
    const pack = this.network.recurrence ? packTimeMajor : packSequences;
    const named = [...new Set(interventions.map(({ site }) => site))];
    const sites = new Set(named.flatMap((site) => sitesOf({ site }, this.network.sites).map(({ name }) => name)));
    const forkedAt = forkOf(this.network, request, sites);
    const texts = forkedAt === null ? null : pack(sequences.slice(0, request.texts));
    const { batch, joined } = this.#pack(request, texts, forkedAt);
    const read = texts ? sources?.slice(0, texts.sequences) : sources;
    const source = read
      ? { ...pack(read), ...(identities && { identities: identities.subarray(0, read.length) }) }
      : null;
    const sourceOf = sourcesOf(request, source);
    const stacks = { batch, source, sourceOf, cached: this.#cachedOf(request, sourceOf) };
    const place = (site: string) =>
      placeOf(site, this.network, { ...stacks, batch: batchAt(site, this.network, joined, batch) });
    const table = makeTable(interventions, this.network.sites, place, roundUp(longestOf(stacks)));
    const tokens = capture ? place(capture.sites[0]!.name)!.batch.tokens : 0;
    const pooled = capture?.rows ?? eachToken(tokens);
    const targeted = targets ? findTargets(request, batch) : noTargets;
    const looked = { request, changed: sites, targets: targeted.read.length, rows: batch.rows };
    const behind = joined[0]?.batch ?? batch;
    const changes = changesAt(this.network, table, behind, forkedAt);
    const parting = { ...changes, rows: behind.rows, textTokens: texts?.tokens ?? 0 };
    const end = endOf(this.network, looked, parting);
    return { request, ...stacks, table, pooled, targeted, texts, forkedAt, joined, ...changes, ...end };
  }

  /** The rows of all sequences, and those before all copies have joined. @param texts those that the sequences are copies of, if they part at all: at a site */
  #pack(request: ForwardRequest, texts: Batch | null, forkedAt: string | null): Pick<Job, "batch" | "joined"> {
    const { sequences, identities } = request;
    const named = (batch: Batch) => ({ ...batch, ...(identities && { identities }) });
    if (this.network.recurrence) {
      if (!texts) return { batch: named(packTimeMajor(sequences, this.#pastOf(request))), joined: [] };
      const places = placesOfCopies(this.network, request, packSequences(sequences));
      return { batch: named(packCopies(sequences, texts.sequences, places)), joined: [] };
    }
    const whole = packSequences(sequences, this.#pastOf(request));
    if (!texts || forkedAt === null || !sharesRows(request)) return { batch: named(whole), joined: [] };
    const own = ownRows(this.network, request, whole, forkedAt);
    const batch = packShared(sequences, texts.sequences, own);
    const joined = packJoined(this.network, request, own, batch);
    return { batch: named(batch), joined: joined.map((part) => ({ ...part, batch: named(part.batch) })) };
  }

  /** Where the texts of the sequences stand; undefined where they are whole. */
  #pastOf({ state, sequences }: ForwardRequest): Past | undefined {
    if (state instanceof DeviceState || state instanceof CacheState) {
      return { pasts: state.lengths, identities: state.places.identities };
    }
    if (state === undefined) return undefined;
    return { pasts: new Uint32Array(sequences.length), identities: Uint32Array.from(sequences.keys()) };
  }

  /** What texts that go on attend to: keys and values of a transformer, an encoder's states. */
  #cachedOf({ state, sequences, sources = [], identities }: ForwardRequest, sourceOf: Uint32Array): CacheState | null {
    if (state instanceof CacheState) return state;
    if (state instanceof DeviceState) return state.sources;
    if (state === undefined || (this.network.recurrence && !this.network.encoder)) return null;
    const slots = Uint32Array.from(sequences.keys());
    const places = { slots, lengths: new Uint32Array(slots.length), identities: identities ?? slots };
    const lengths = sourceOf.map((number) => sources[number]?.length ?? 0);
    const cache = new KeyCache(this.device, slots.length, sources.length);
    return new CacheState(cache, places, { slots: sourceOf, lengths });
  }

  #makeRoom({ batch, cached }: Job, { recording }: CompiledPlan): void {
    if (!cached) return;
    const own = batch.pasts.map((past, s) => past + lengthOf(batch, s));
    const longest = this.network.recurrence ? 0 : Math.max(0, ...own);
    cached.cache.reserve(recording.remembered, longest, Math.max(...cached.sources.lengths));
  }

  #need({ batch, joined, source, texts, table, pooled, targeted, changed, closedForm, headEntries }: Job): Capacity {
    const all = [batch, ...joined.map(({ batch }) => batch)];
    return {
      tokens: this.network.recurrence ? batch.tokens : Math.max(...all.map(({ rows }) => rows)),
      sequences: batch.sequences,
      runs: Math.max(...all.map(({ commonStarts, sequences }) => commonStarts.length - 1 + sequences)),
      longest: batch.longest,
      sourceTokens: source?.tokens ?? 0,
      sources: source?.sequences ?? 0,
      longestSource: source?.longest ?? 0,
      textTokens: texts?.tokens ?? 0,
      texts: texts?.sequences ?? 0,
      neurons: closedForm ? changed.neurons.length : 0,
      rows: pooled.starts.length,
      targets: targeted.read.length,
      entries: Math.max(table.sites.size, table.entries.length / entryWords), // rows may change nowhere
      listed: table.listed.length,
      headEntries: headEntries.length / entryWords,
      vectors: table.vectors.length,
    };
  }

  #planRequest(job: Job, need: Capacity): PlanRequest {
    const { request, cached, table, pooled, targeted, forkedAt, joined, fewChanged, closedForm, readAt } = job;
    const { capture, scores = [], compareWith, state } = request;
    const intervened = table.sites;
    const looked = [...intervened, ...scores].some((site) => site.endsWith(".scores"));
    const sites = capture?.sites ?? [];
    return {
      capacity: roundCapacity(need),
      captured: new Map(sites.map(({ name, offset }) => [name, offset])),
      columns: sites.reduce((sum, { width }) => sum + width, 0),
      pooling: pooled.pool,
      intervened,
      scores: new Set(scores),
      span: looked ? roundUp(longestOf(job)) : 0,
      losses: targeted.read.length > 0,
      compare: compareWith !== undefined,
      keepLogits: request.logits === true,
      encoded: this.network.encoder !== null,
      continues: this.network.encoder !== null && cached !== null && state !== "start",
      classifiesSequences: classifiesSequences(this.network),
      angles: this.network.angles?.width ?? 0,
      recurrence: this.network.recurrence,
      encoderRecurrence: this.network.encoder?.recurrence ?? null,
      keepState: state !== undefined,
      given: state instanceof DeviceState,
      parted: job.batch.parents !== null,
      sharesRows: job.batch.ownStarts[0]! > 0,
      forkedAt,
      joinsAt: joined.map(({ until }) => until),
      fewChanged,
      closedForm,
      readAt,
    };
  }

  /** Buffers that a plan reads besides its weights. */
  #given({ recording, inputs, vectors }: CompiledPlan, { request, cached }: Job): Record<string, DeviceBuffer> {
    const given = request.state instanceof DeviceState ? request.state.buffer : this.#zeros;
    const states = { state: given, "source state": this.#zeros };
    const all = { inputs, vectors, ...states, ...(cached && Object.fromEntries(cached.cache.buffers)) };
    const wanted = Object.entries(all).filter(([name]) => recording.recorder.externals.has(name));
    return Object.fromEntries(wanted.filter((entry): entry is [string, DeviceBuffer] => entry[1] !== null));
  }
}

/** Keys that some token may see at most. */
function longestOf({ batch, source, cached }: StackBatches): number {
  const own = batch.pasts.map((past, sequence) => past + lengthOf(batch, sequence));
  return Math.max(0, ...own, source?.longest ?? 0, ...(cached?.sources.lengths ?? []));
}

function eachToken(tokens: number): PooledRows {
  const starts = Uint32Array.from({ length: tokens }, (_, token) => token);
  return { starts, ends: starts.map((start) => start + 1), pool: "first" };
}
