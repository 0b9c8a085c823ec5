/** Lists: elements by position, from 0 on the left. Values that are put in must lie outside the engine's memory. */
import { VALUE_TYPE } from '../record.js';
import type { CollectionForms } from './collection-forms.js';
import { CHANGE, type Change, type CollectionSlot } from './collection-slot.js';
import type { ElementView } from './element-view.js';

export class ListCollection {
  constructor(private readonly forms: CollectionForms) {}

  count(slot: CollectionSlot): number {
    return this.forms.count(slot);
  }

  /** Inserts a value so that it has this position, from 0 (leftmost) to the count (rightmost). */
  insert(slot: CollectionSlot, index: number, element: ElementView): Change {
    const { forms } = this;
    const { reader, trees } = forms;
    if (slot.valueLength === 0) return index === 0 ? forms.create(slot, VALUE_TYPE.LIST, element) : CHANGE.NONE;
    if (forms.open(slot)) {
      if (index < 0 || index > trees.root.count) return CHANGE.NONE;
      const change = trees.insertAt(index, element);
      if (change === CHANGE.ADDED) forms.update(slot);
      return change;
    }
    if (index < 0 || index > reader.count) return CHANGE.NONE;
    if (!forms.fits(reader.count + 1, element, 0)) {
      return forms.unpack() ? forms.storeUnpacked(slot, trees.insertAt(index, element)) : CHANGE.REFUSED;
    }
    reader.seek(index);
    forms.writer.splice(reader, reader.count + 1, reader.at, reader.at, reader.at);
    return forms.storePacked(slot, VALUE_TYPE.LIST) ? CHANGE.ADDED : CHANGE.REFUSED;
  }

  /** Replaces the value at a position. */
  set(slot: CollectionSlot, index: number, element: ElementView): Change {
    const { forms } = this;
    const { reader, trees } = forms;
    if (slot.valueLength === 0) return CHANGE.NONE;
    if (forms.open(slot)) {
      const change = trees.replaceAt(index, element);
      if (change === CHANGE.REPLACED) forms.update(slot);
      return change;
    }
    if (!reader.seek(index)) return CHANGE.NONE;
    const { at, next } = reader;
    if (!forms.fits(reader.count, element, next - at)) {
      return forms.unpack() ? forms.storeUnpacked(slot, trees.replaceAt(index, element)) : CHANGE.REFUSED;
    }
    forms.writer.splice(reader, reader.count, at, next, at);
    return forms.storePacked(slot, VALUE_TYPE.LIST) ? CHANGE.REPLACED : CHANGE.REFUSED;
  }

  /** Fills the view with the value at a position; false where there is none. */
  get(slot: CollectionSlot, index: number, view: ElementView): boolean {
    const { forms } = this;
    if (slot.valueLength === 0 || index < 0) return false;
    if (forms.open(slot)) {
      if (!forms.trees.findRank(index)) return false;
      forms.trees.fill(view);
      return true;
    }
    if (!forms.reader.seek(index)) return false;
    forms.reader.fill(view);
    return true;
  }

  /**
   * Removes the value at a position, and the entry with the last one. Only a packed list can refuse, where the entry's
   * keeper does not take a shorter value.
   */
  remove(slot: CollectionSlot, index: number): Change {
    const { forms } = this;
    const { reader, trees } = forms;
    if (slot.valueLength === 0 || index < 0) return CHANGE.NONE;
    if (!forms.open(slot)) return reader.seek(index) ? forms.removePacked(slot) : CHANGE.NONE;
    if (!trees.removeAt(index)) return CHANGE.NONE;
    forms.settle(slot);
    return CHANGE.REMOVED;
  }

  /**
   * Keeps only the `length` values from `start` on, and removes the entry where none is left: REMOVED, NONE where nothing
   * had to go, REFUSED as for {@link remove}. The work does not grow with the number of values that go.
   */
  trim(slot: CollectionSlot, start: number, length: number): Change {
    const { forms } = this;
    if (slot.valueLength === 0) return CHANGE.NONE;
    const isLarge = forms.open(slot);
    const count = isLarge ? forms.trees.root.count : forms.reader.count;
    const from = Math.max(start, 0);
    const kept = Math.min(start + length, count) - from;
    if (kept === count) return CHANGE.NONE;
    if (kept > 0) return isLarge ? this.trimTree(slot, from, kept) : this.trimPacked(slot, from, kept);
    if (isLarge) forms.trees.drop();
    slot.remove();
    return CHANGE.REMOVED;
  }

  private trimTree(slot: CollectionSlot, from: number, kept: number): Change {
    const { trees } = this.forms;
    trees.trim('last', trees.root.count - from - kept);
    trees.trim('first', from);
    this.forms.settle(slot);
    return CHANGE.REMOVED;
  }

  private trimPacked(slot: CollectionSlot, from: number, kept: number): Change {
    const { reader, writer } = this.forms;
    reader.seek(from);
    const start = reader.at;
    reader.seek(from + kept - 1);
    reader.end = reader.next;
    reader.bodyOffset = start;
    writer.splice(reader, kept, start, start, -1);
    return this.forms.storePacked(slot, VALUE_TYPE.LIST) ? CHANGE.REMOVED : CHANGE.REFUSED;
  }
}
