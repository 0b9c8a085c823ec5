/**
 * Looks at a frame's next operations before they are executed, and has the engine load all of their entries at once
 * (see the engine's prefetcher.ts). What it finds is a guess by which nothing is decided: the key is taken to be the
 * command's first argument, and what is malformed, unknown or served elsewhere is passed over.
 */
import { PREFETCH_KEYS, PrefetchBatch, type StoreEngine } from '#libs/engine';
import { DecodeError } from '#libs/kernel';
import { OPERATION_FLAGS, OperationsReader } from '#libs/wire';

/** In a frame of fewer operations there is too little to load at once. */
const MIN_OPERATIONS = 8;
/** Hashing a longer key twice costs more than the look-ahead brings. */
const MAX_KEY_BYTES = 128;

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const ZERO = 0x30;
/** Digits of a length that is read; longer arguments are passed over. */
const MAX_DIGITS = 6;

export interface PrefetchingStore {
  readonly engine: Pick<StoreEngine, 'partitionCount' | 'usedBytes' | 'prefetch'>;
}

export class LookAhead {
  /** Stands at the last operation that was looked at. */
  private readonly reader = new OperationsReader();
  private readonly batch = new PrefetchBatch();
  private readonly window: number;
  /** Operations that were looked at and are not yet executed. */
  private pending = 0;
  private isActive = false;
  /** Behind what {@link length} read last. */
  private at = 0;

  /** Looks at up to `operations` at a time, once any store uses `minStoreBytes`. */
  constructor(
    private readonly stores: ReadonlyMap<number, PrefetchingStore>,
    operations: number,
    private readonly minStoreBytes: number,
  ) {
    this.window = Math.min(operations, PREFETCH_KEYS);
  }

  /** Takes a frame that has just been opened. */
  begin({ buffer, remaining }: OperationsReader): void {
    this.isActive = remaining >= MIN_OPERATIONS && this.window > 0 && this.hasLargeStore();
    this.pending = 0;
    if (this.isActive) this.reader.open(buffer);
  }

  /** To be called before each operation of the frame. */
  step(): void {
    if (!this.isActive) return;
    if (this.pending === 0) this.look();
    this.pending--;
  }

  private look(): void {
    const { reader, batch, window } = this;
    batch.clear();
    let storeId = -1;
    let store: PrefetchingStore | undefined;
    try {
      while (this.pending < window && reader.advance()) {
        this.pending++;
        if (store === undefined) {
          ({ storeId } = reader);
          store = this.stores.get(storeId);
        }
        if (store !== undefined && reader.storeId === storeId) this.note(store);
      }
    } catch (error) {
      // Whoever executes the operation meets the same error, and answers it.
      if (!(error instanceof DecodeError)) throw error;
      this.isActive = false;
    }
    if (store !== undefined && batch.count > 0) store.engine.prefetch(batch, reader.buffer);
  }

  /** Adds the operation's key to the batch, where it is easily found. */
  private note(store: PrefetchingStore): void {
    const { flags, partition, database, commandOffset, commandLength } = this.reader;
    if ((flags & OPERATION_FLAGS.multi) !== 0 || partition >= store.engine.partitionCount) return;
    const end = commandOffset + commandLength;
    if (this.length(STAR, commandOffset, end) < 2) return;
    const nameLength = this.length(DOLLAR, this.at, end);
    if (nameLength < 0) return;
    const keyLength = this.length(DOLLAR, this.at + nameLength + 2, end);
    if (keyLength < 0 || keyLength > MAX_KEY_BYTES || this.at + keyLength > end) return;
    this.batch.add(partition, database, this.at, keyLength);
  }

  /** Reads `<mark><digits>\r\n` and stands behind it; -1 for anything else. */
  private length(mark: number, offset: number, end: number): number {
    const { buffer } = this.reader;
    const stop = Math.min(end - 1, offset + MAX_DIGITS + 1);
    if (offset >= stop || buffer[offset] !== mark) return -1;
    let value = 0;
    let at = offset + 1;
    for (; at < stop; at++) {
      const digit = buffer[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (buffer[at] !== CR) return -1;
    this.at = at + 2;
    return value;
  }

  private hasLargeStore(): boolean {
    for (const store of this.stores.values()) if (store.engine.usedBytes >= this.minStoreBytes) return true;
    return false;
  }
}
