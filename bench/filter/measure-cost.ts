/**
 * What a filter adds to a look-up. Keys are looked up without it, with it switched off, switched on, and asked always, one
 * batch after the other in turns, and the times of neighbouring batches are compared: what else happens on the machine
 * hits them alike, and the median of many ratios forgets what hit one of them.
 */
import { ABSENT, EntryView } from '#libs/engine';
import type { StoreFilter } from '#libs/filter';
import { FilteredStore, KeyBatch } from './filtered-store.js';

/** Shares of the look-ups that hit. */
export const PHASES = { miss: 0, mixed: 0.5, hit: 1 } as const;
export type PhaseName = keyof typeof PHASES;
export const PHASE_NAMES = Object.keys(PHASES) as readonly PhaseName[];

/** `always` is `on` without the rule by which a filter is passed by while few look-ups miss. */
export const MODES = ['plain', 'off', 'on', 'always'] as const;
export type ModeName = (typeof MODES)[number];

export interface CostRound {
  readonly phase: PhaseName;
  /** Nanoseconds per look-up of one batch. */
  readonly ns: Readonly<Record<ModeName, number>>;
}

const BATCH_KEYS = 50_000;
const WARM_UP_ROUNDS = 10;

export class CostMeasurer {
  private readonly filters: Readonly<Record<Exclude<ModeName, 'plain'>, StoreFilter>>;
  private readonly batch = new KeyBatch(BATCH_KEYS);
  private readonly view = new EntryView();
  private state = 0x9e3779b9;
  /** Of the values read, so that nothing can be left out. */
  private sum = 0;

  constructor(
    private readonly store: FilteredStore,
    rate: number,
  ) {
    const make = (asksAlways: boolean): StoreFilter => {
      const filter = store.makeFilter(rate, asksAlways);
      filter.enable();
      while (filter.step(100_000) > 0);
      return filter;
    };
    this.filters = { off: store.makeFilter(rate, false), on: make(false), always: make(true) };
  }

  measure(rounds: number): CostRound[] {
    const all = Array.from({ length: WARM_UP_ROUNDS + rounds }, (_, round) =>
      PHASE_NAMES.map((phase) => this.round(phase, round)),
    );
    return all.slice(WARM_UP_ROUNDS).flat();
  }

  /** Gives the memory of the filters back. */
  finish(): void {
    for (const filter of Object.values(this.filters)) filter.disable();
  }

  private round(phase: PhaseName, round: number): CostRound {
    const ns = { plain: 0, off: 0, on: 0, always: 0 };
    // Each comes first, second and so on equally often.
    for (let turn = 0; turn < MODES.length; turn++) {
      const mode = MODES[(turn + round) % MODES.length];
      const stored = this.draw(PHASES[phase]);
      const startedAtMs = performance.now();
      const found = mode === 'plain' ? this.lookUp() : this.lookUpFiltered(this.filters[mode]);
      ns[mode] = ((performance.now() - startedAtMs) * 1e6) / BATCH_KEYS;
      if (found !== stored) throw new Error(`${found} of ${stored} keys found`);
    }
    return { phase, ns };
  }

  private lookUp(): number {
    const { store, batch } = this;
    let found = 0;
    for (let i = 0; i < BATCH_KEYS; i++) {
      const ref = store.find(batch, i);
      if (ref !== ABSENT) found += this.read(ref);
    }
    return found;
  }

  private lookUpFiltered(filter: StoreFilter): number {
    const { store, batch } = this;
    let found = 0;
    for (let i = 0; i < BATCH_KEYS; i++) {
      const ref = store.findFiltered(filter, batch, i);
      if (ref !== ABSENT) found += this.read(ref);
    }
    return found;
  }

  /** Reads a value, as a get does; answers 1. */
  private read(ref: number): number {
    const { view } = this;
    this.store.engine.read(ref, view);
    this.sum += view.buffer[view.valueOffset];
    return 1;
  }

  /** Fills the batch with random keys, of which about this share is stored; answers how many are. */
  private draw(storedShare: number): number {
    let stored = 0;
    for (let i = 0; i < BATCH_KEYS; i++) {
      const isStored = this.random() / 2 ** 32 < storedShare;
      this.batch.put(i, this.random() % this.store.count, isStored);
      if (isStored) stored++;
    }
    return stored;
  }

  private random(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }
}
