import { ByteWriter } from '#libs/kernel';
import type { ValueType } from '../record.js';
import type { CollectionSlot } from './collection-slot.js';

/** A collection that is built before it has an entry: its value lies here, its trees (if it has any) in the store. */
export class CollectionDraft implements CollectionSlot {
  readonly valueOffset = 0;
  private readonly value = new ByteWriter();

  get buffer(): Uint8Array {
    return this.value.buffer;
  }

  get valueLength(): number {
    return this.value.length;
  }

  store(_type: ValueType, value: Uint8Array, offset: number, length: number): boolean {
    this.value.reset();
    this.value.bytes(value, offset, length);
    return true;
  }

  remove(): void {
    this.value.reset();
  }
}
