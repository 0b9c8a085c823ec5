/**
 * Hashes and sets, and what sorted sets have in common with them: elements that are found by a key. A found element's
 * bytes are the engine's own; see {@link ElementView}. Keys and values that are put in must lie outside its memory.
 */
import { type ValueType, VALUE_TYPE } from '../record.js';
import type { CollectionForms } from './collection-forms.js';
import { CHANGE, type Change, type CollectionSlot } from './collection-slot.js';
import { ElementView } from './element-view.js';

export class KeyedCollection {
  private readonly scanned = new ElementView();

  constructor(
    protected readonly forms: CollectionForms,
    readonly type: ValueType,
  ) {}

  count(slot: CollectionSlot): number {
    return this.forms.count(slot);
  }

  /** Adds an element (a hash's with its value, a sorted set's with its score), or replaces the one of its key. */
  put(slot: CollectionSlot, element: ElementView): Change {
    const { forms } = this;
    const { reader, trees } = forms;
    if (slot.valueLength === 0) return forms.create(slot, this.type, element);
    if (forms.open(slot)) {
      const change = trees.put(element);
      // A refused sorted set holds the same elements, but the way there and back may have moved its root.
      if (change !== CHANGE.NONE) forms.update(slot);
      return change;
    }
    const found = reader.find(element.keyBuffer, element.keyOffset, element.keyLength);
    if (found && this.isSame(element)) return CHANGE.NONE;
    const count = found ? reader.count : reader.count + 1;
    const { at, next } = reader;
    if (!forms.fits(count, element, next - at)) {
      return forms.unpack() ? forms.storeUnpacked(slot, trees.put(element)) : CHANGE.REFUSED;
    }
    forms.writer.splice(reader, count, at, next, this.placeOf(element));
    if (!forms.storePacked(slot, this.type)) return CHANGE.REFUSED;
    return found ? CHANGE.REPLACED : CHANGE.ADDED;
  }

  /** Fills the view with the element of a key; false where there is none. */
  find(slot: CollectionSlot, key: Uint8Array, offset: number, length: number, view: ElementView): boolean {
    const { forms } = this;
    if (slot.valueLength === 0) return false;
    if (forms.open(slot)) {
      if (!forms.trees.find(key, offset, length)) return false;
      forms.trees.fill(view);
      return true;
    }
    if (!forms.reader.find(key, offset, length)) return false;
    forms.reader.fill(view);
    return true;
  }

  /**
   * Removes the element of a key, and the entry with the last one. Only a packed collection can refuse, where the entry's
   * keeper does not take a shorter value.
   */
  remove(slot: CollectionSlot, key: Uint8Array, offset: number, length: number): Change {
    const { forms } = this;
    const { reader, trees } = forms;
    if (slot.valueLength === 0) return CHANGE.NONE;
    if (!forms.open(slot)) return reader.find(key, offset, length) ? forms.removePacked(slot) : CHANGE.NONE;
    if (!trees.removeKey(key, offset, length)) return CHANGE.NONE;
    forms.settle(slot);
    return CHANGE.REMOVED;
  }

  /** An element chosen by a random number below 2^32, uniformly but for its rounding; false where there is none. */
  random(slot: CollectionSlot, randomU32: number, view: ElementView): boolean {
    return this.elementAt(slot, Math.floor((randomU32 / 2 ** 32) * this.count(slot)), view);
  }

  /** The element of this number, from 0: by score in a sorted set, in no particular order otherwise. */
  elementAt(slot: CollectionSlot, index: number, view: ElementView): boolean {
    const { forms } = this;
    if (slot.valueLength === 0) return false;
    if (forms.open(slot)) {
      if (!forms.trees.findRank(index)) return false;
      forms.trees.fillRanked(forms.trees.path, view);
      return true;
    }
    if (!forms.reader.seek(index)) return false;
    forms.reader.fill(view);
    return true;
  }

  /**
   * Visits elements from a cursor on (0 = the beginning) and answers the next one, or 0 at the end: at least `maxElements`, and
   * always all whose keys have the same hash; a packed collection whole. An element that is there throughout is
   * visited at least once whatever changes between the calls, conversions included. A cursor is a number up to 2^32.
   */
  scan(slot: CollectionSlot, cursor: number, maxElements: number, visit: (view: ElementView) => void): number {
    const { forms, scanned } = this;
    const { reader, trees } = forms;
    if (slot.valueLength === 0) return 0;
    if (!forms.open(slot)) {
      while (reader.forward()) {
        reader.fill(scanned);
        visit(scanned);
      }
      return 0;
    }
    if (cursor >= 2 ** 32 || !trees.findHash(cursor)) return 0;
    let visited = 0;
    let last = -1;
    do {
      trees.fill(scanned);
      const hash = trees.hashAt(scanned);
      if (visited >= Math.max(maxElements, 1) && hash !== last) return hash;
      last = hash;
      visited++;
      visit(scanned);
    } while (trees.path.forward());
    return 0;
  }

  /** Where a packed element belongs. */
  protected placeOf(_element: ElementView): number {
    return this.forms.reader.at;
  }

  /** Whether putting the element in place of the one that the reader is at would change nothing. */
  protected isSame(_element: ElementView): boolean {
    return this.type === VALUE_TYPE.SET;
  }
}
