import type { NearFilterFigures } from '#libs/commands';
import { FilterCopy, HashNotes } from '#libs/filter';
import { BOUNDS, DecodeError } from '#libs/kernel';
import { decodeReply, type RespValue } from '#libs/resp';
import type { NearMemory } from './near-memory.js';
import type { ReplySink } from './reply-sink.js';

const NEVER_MS = -Infinity;
/** Asks for a copy whatever it is like. */
const NO_VERSION = '-';

/**
 * This gateway's copies of the filter of one store, one for each shard. A copy says that a key is absent only if
 *
 * - it was asked for no longer ago than the store permits: what it does not know of was written later than that;
 * - it was asked for under the partition's present epoch;
 * - this gateway has sent no write of the key since it asked. Writes that it sent before lie before the copy, because
 *   operations of one partition from one gateway are executed in the order in which they were sent, and the request
 *   for a copy is one of them.
 */
export class NearStore implements ReplySink {
  hits = 0;
  refreshes = 0;
  copyCount = 0;
  bytes = 0;
  private isClosed = false;
  private readonly copies: (FilterCopy | undefined)[];
  /** Of each copy: when it was asked for, under which epoch, and what was written since. */
  private readonly takenAtMs: Float64Array;
  private readonly epochs: Uint32Array;
  private readonly notes: (HashNotes | undefined)[];
  /** The same of each copy that is on its way; without notes there is none. */
  private readonly askedAtMs: Float64Array;
  private readonly askedEpochs: Uint32Array;
  private readonly askedNotes: (HashNotes | undefined)[];

  constructor(
    readonly storeId: number,
    readonly partitionCount: number,
    public stalenessMs: number,
    private readonly memory: NearMemory,
  ) {
    this.copies = Array.from({ length: partitionCount }, () => undefined);
    this.notes = Array.from({ length: partitionCount }, () => undefined);
    this.askedNotes = Array.from({ length: partitionCount }, () => undefined);
    this.takenAtMs = new Float64Array(partitionCount);
    this.epochs = new Uint32Array(partitionCount);
    this.askedAtMs = new Float64Array(partitionCount).fill(NEVER_MS);
    this.askedEpochs = new Uint32Array(partitionCount);
  }

  get figures(): NearFilterFigures {
    return { hits: this.hits, copies: this.copyCount, bytes: this.bytes, refreshes: this.refreshes };
  }

  /** Whether a copy says that there is no key of this hash; whether it is {@link isFresh} is asked apart. */
  isAbsent(partition: number, epoch: number, hash: number, low: number): boolean {
    const copy = this.copies[partition];
    if (copy === undefined || this.epochs[partition] !== epoch || copy.mayContain(hash, low)) return false;
    return this.notes[partition]?.has(hash, low) === false;
  }

  /** Whether a partition's copy, which must exist, is young enough at a monotonic time. */
  isFresh(partition: number, nowMs: number): boolean {
    return nowMs - this.takenAtMs[partition] <= this.stalenessMs;
  }

  /** Takes note of a write that is sent now. */
  note(partition: number, hash: number, low: number): void {
    this.noteIn(this.notes[partition], hash, low);
    this.noteIn(this.askedNotes[partition], hash, low);
  }

  /** A write is sent that may make any keys: copies of before are of no use, nor are those on their way. */
  noteAll(): void {
    for (let partition = 0; partition < this.partitionCount; partition++) this.noteAny(partition);
  }

  /** As {@link noteAll}, for one partition. */
  noteAny(partition: number): void {
    this.notes[partition]?.fill();
    this.askedNotes[partition]?.fill();
  }

  /** Whether a partition's copy is to be asked for again. */
  isDue(partition: number, nowMs: number): boolean {
    if (this.askedNotes[partition] !== undefined) return false;
    return nowMs - this.askedAtMs[partition] >= this.stalenessMs / 2;
  }

  /** A partition's copy is asked for, in the words answered; {@link onReply} hears of it exactly once. */
  ask(partition: number, epoch: number, nowMs: number): readonly string[] {
    this.askedAtMs[partition] = nowMs;
    this.askedEpochs[partition] = epoch;
    this.askedNotes[partition] = new HashNotes(BOUNDS.maxNearFilterNotes);
    this.memory.fetches++;
    const copy = this.epochs[partition] === epoch ? this.copies[partition] : undefined;
    return ['HC.FILTERCOPY', copy?.version ?? NO_VERSION];
  }

  /** The answer to {@link ask}; an error leaves the copy of before, which grows too old by itself. */
  onReply(partition: number, buffer: Uint8Array, offset: number, length: number): void {
    const notes = this.askedNotes[partition];
    this.askedNotes[partition] = undefined;
    this.memory.fetches--;
    if (notes === undefined || this.isClosed) return;
    const answer = readAnswer(buffer, offset, length);
    if (answer === 'same') this.keep(partition, this.copies[partition], notes);
    else if (answer !== 'failed') this.keep(partition, answer, notes);
    else this.account(-notes.bytes);
  }

  resetCounters(): void {
    this.hits = 0;
    this.refreshes = 0;
  }

  /** Gives all memory back; answers still to come are dropped. */
  close(): void {
    this.isClosed = true;
    this.account(-this.bytes);
    this.copies.fill(undefined);
    this.notes.fill(undefined);
    this.copyCount = 0;
  }

  /** Puts what was asked for in the place of what there was. */
  private keep(partition: number, copy: FilterCopy | undefined, notes: HashNotes): void {
    const before = this.copies[partition];
    const freed = (before?.bytes ?? 0) + (this.notes[partition]?.bytes ?? 0);
    this.account(-freed);
    const isKept = copy !== undefined && this.account(copy.bytes);
    if (!isKept) this.account(-notes.bytes);
    this.copies[partition] = isKept ? copy : undefined;
    this.notes[partition] = isKept ? notes : undefined;
    this.copyCount += (isKept ? 1 : 0) - (before === undefined ? 0 : 1);
    if (!isKept) return;
    this.takenAtMs[partition] = this.askedAtMs[partition];
    this.epochs[partition] = this.askedEpochs[partition];
    this.refreshes++;
  }

  private noteIn(notes: HashNotes | undefined, hash: number, low: number): void {
    if (notes !== undefined) this.account(notes.add(hash, low, this.memory.hasRoomForNotes));
  }

  private account(bytes: number): boolean {
    if (!this.memory.take(bytes)) return false;
    this.bytes += bytes;
    return true;
  }
}

/** `undefined`: the shard has no table, or one too large to copy. */
function readAnswer(buffer: Uint8Array, offset: number, length: number): FilterCopy | 'same' | 'failed' | undefined {
  try {
    const value: RespValue = decodeReply(buffer, offset, offset + length);
    if (value === null) return undefined;
    if (value instanceof Uint8Array) return FilterCopy.decode(value, 0, value.length);
    return value === 'same' ? 'same' : 'failed';
  } catch (error) {
    if (error instanceof DecodeError) return 'failed';
    throw error;
  }
}
