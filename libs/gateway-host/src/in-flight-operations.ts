import { assert } from '#libs/kernel';
import type { InFlightFrame } from './node-link.js';
import type { ReplySink } from './reply-sink.js';

export const OPERATION_STATES = { free: 0, sent: 1, held: 2 } as const;

const NONE = -1;
/** Low bits of an operation id are its slot, the rest counts the slot's uses: an id is not reused soon. */
const SLOT_BITS = 18;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/**
 * Operations without an answer yet, as a struct of arrays: adding and removing one allocates nothing. Slots hang in a list
 * ordered by start, so that the overdue ones are found without looking at the others.
 */
export class InFlightOperations {
  count = 0;
  readonly state: Uint8Array;
  readonly ids: Uint32Array;
  readonly positions: Uint32Array;
  readonly commandIds: Uint16Array;
  /** The operation's partition, or the first of several. */
  readonly partitions: Uint16Array;
  /** 1 where the operation covers several partitions: its record names them. */
  readonly multi: Uint8Array;
  readonly startedMs: Float64Array;
  /** Grows with every operation of a client: the order that retries keep. */
  readonly ordinals: Float64Array;
  /** Where a sent operation's record begins in its frame. */
  readonly recordOffsets: Uint32Array;
  readonly sinks: (ReplySink | undefined)[];
  readonly frames: (InFlightFrame | undefined)[];
  /** The record of a held operation. */
  readonly records: (Uint8Array | undefined)[];

  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private head = NONE;
  private tail = NONE;
  private freeHead = 0;
  private freeTail: number;
  private lastOrdinal = 0;

  constructor(readonly capacity: number) {
    assert(capacity > 0 && capacity <= SLOT_MASK + 1, `in-flight operations must lie between 1 and ${SLOT_MASK + 1}`);
    this.state = new Uint8Array(capacity);
    this.ids = new Uint32Array(capacity);
    this.positions = new Uint32Array(capacity);
    this.commandIds = new Uint16Array(capacity);
    this.partitions = new Uint16Array(capacity);
    this.multi = new Uint8Array(capacity);
    this.startedMs = new Float64Array(capacity);
    this.ordinals = new Float64Array(capacity);
    this.recordOffsets = new Uint32Array(capacity);
    this.sinks = new Array<ReplySink | undefined>(capacity).fill(undefined);
    this.frames = new Array<InFlightFrame | undefined>(capacity).fill(undefined);
    this.records = new Array<Uint8Array | undefined>(capacity).fill(undefined);
    this.next = new Int32Array(capacity);
    this.previous = new Int32Array(capacity);
    for (let slot = 0; slot < capacity; slot++) {
      this.next[slot] = slot + 1 < capacity ? slot + 1 : NONE;
      this.ids[slot] = slot;
    }
    this.freeTail = capacity - 1;
  }

  get isFull(): boolean {
    return this.freeHead === NONE;
  }

  nextOrdinal(): number {
    return ++this.lastOrdinal;
  }

  /** Takes a slot; the caller fills in what it needs. There must be room. */
  allocate(
    sink: ReplySink,
    position: number,
    commandId: number,
    partition: number,
    startedMs: number,
    ordinal: number,
  ): number {
    const slot = this.freeHead;
    assert(slot !== NONE, 'no room for another operation');
    this.freeHead = this.next[slot];
    this.ids[slot] = (this.ids[slot] + SLOT_MASK + 1) >>> 0;
    this.sinks[slot] = sink;
    this.positions[slot] = position;
    this.commandIds[slot] = commandId;
    this.partitions[slot] = partition;
    this.multi[slot] = 0;
    this.startedMs[slot] = startedMs;
    this.ordinals[slot] = ordinal;
    this.link(slot);
    this.count++;
    return slot;
  }

  /** The slot of an operation id, or -1 where the operation has been answered or given up. */
  slotOf(id: number): number {
    const slot = id & SLOT_MASK;
    return slot < this.capacity && this.ids[slot] === id && this.state[slot] !== OPERATION_STATES.free ? slot : NONE;
  }

  /** Ends an operation that nobody will answer any more: its slot is the next to be used, while it is warm. */
  release(slot: number): void {
    this.clear(slot);
    this.next[slot] = this.freeHead;
    if (this.freeHead === NONE) this.freeTail = slot;
    this.freeHead = slot;
  }

  /** Ends an operation whose answer may still come: its slot is used last, so that its id does not come back before. */
  retire(slot: number): void {
    this.clear(slot);
    this.next[slot] = NONE;
    if (this.freeHead === NONE) this.freeHead = slot;
    else this.next[this.freeTail] = slot;
    this.freeTail = slot;
  }

  /** Makes a sent operation a held one in its place, under a new id: answers to the old id no longer count. */
  renew(slot: number): void {
    this.state[slot] = OPERATION_STATES.held;
    this.ids[slot] = (this.ids[slot] + SLOT_MASK + 1) >>> 0;
    this.frames[slot] = undefined;
  }

  /** The operation that started first, or -1. */
  oldest(): number {
    return this.head;
  }

  private clear(slot: number): void {
    this.unlink(slot);
    this.state[slot] = OPERATION_STATES.free;
    this.sinks[slot] = undefined;
    this.frames[slot] = undefined;
    this.records[slot] = undefined;
    this.count--;
  }

  /** New operations start last; retried ones go back to where their start puts them. */
  private link(slot: number): void {
    let after = this.tail;
    while (after !== NONE && this.startedMs[after] > this.startedMs[slot]) after = this.previous[after];
    const before = after === NONE ? this.head : this.next[after];
    this.previous[slot] = after;
    this.next[slot] = before;
    if (after === NONE) this.head = slot;
    else this.next[after] = slot;
    if (before === NONE) this.tail = slot;
    else this.previous[before] = slot;
  }

  private unlink(slot: number): void {
    const before = this.previous[slot];
    const after = this.next[slot];
    if (before === NONE) this.head = after;
    else this.next[before] = after;
    if (after === NONE) this.tail = before;
    else this.previous[after] = before;
  }
}
