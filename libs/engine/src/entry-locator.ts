/** From a record's bytes back to its slot in the index: the way of everything that moves or removes records. */
import type { Arena } from './arena.js';
import { UNIT_BYTES } from './arena.js';
import { assert } from '#libs/kernel';
import type { KeyHasher } from './key-hash.js';
import { EntryHeader, parseEntryBody } from './record.js';
import type { SlotIndex } from './slot-index.js';
import { isOutside, readAddress } from './stored-record.js';

export class EntryLocator {
  /** Filled by {@link parse}; offsets are absolute in {@link buffer}. */
  readonly header = new EntryHeader();
  /** Where the body lies that was parsed, and where it begins. */
  buffer: Uint8Array = new Uint8Array(0);
  bodyOffset = 0;

  constructor(
    private readonly arena: Arena,
    private readonly index: SlotIndex,
    private readonly hasher: KeyHasher,
  ) {}

  /** Points at the body of the record or stub at `at`. */
  open(bytes: Uint8Array, at: number): void {
    this.buffer = bytes;
    this.bodyOffset = at;
    if (!isOutside(bytes[at])) return;
    const { arena } = this;
    const address = readAddress(bytes, at);
    this.buffer = arena.bytes[address >>> arena.unitShift];
    this.bodyOffset = (address & arena.unitMask) * UNIT_BYTES;
  }

  parse(bytes: Uint8Array, at: number): EntryHeader {
    this.open(bytes, at);
    parseEntryBody(this.buffer, this.bodyOffset, this.buffer.length - this.bodyOffset, this.header);
    return this.header;
  }

  hashOf(bytes: Uint8Array, at: number): number {
    const { database, keyOffset, keyLength } = this.parse(bytes, at);
    return this.hasher.hash(database, this.buffer, keyOffset, keyLength);
  }

  /** Tells the index that a record has moved within its shard. */
  redirect(shard: number, bytes: Uint8Array, at: number, oldAddress: number, newAddress: number): void {
    const slot = this.index.slotOf(shard, this.hashOf(bytes, at), oldAddress);
    assert(slot >= 0, 'a live record is not in the index');
    this.index.replace(shard, slot, newAddress);
  }
}
