/** Sorted sets: keyed collections whose elements also have a rank, by (score, member). Scores are not NaN, and 0 for -0. */
import { VALUE_TYPE } from '../record.js';
import type { CollectionForms } from './collection-forms.js';
import type { CollectionSlot } from './collection-slot.js';
import { compareBytes } from './compare-bytes.js';
import { ElementView } from './element-view.js';
import { KeyedCollection } from './keyed-collection.js';

export class SortedSet extends KeyedCollection {
  private readonly member = new ElementView();

  constructor(forms: CollectionForms) {
    super(forms, VALUE_TYPE.ZSET);
  }

  /** The member's rank, from 0 for the lowest score; -1 where it is not there. */
  rank(slot: CollectionSlot, key: Uint8Array, offset: number, length: number): number {
    const { trees, reader } = this.forms;
    if (!this.find(slot, key, offset, length, this.member)) return -1;
    if (!this.forms.open(slot)) {
      reader.find(key, offset, length);
      return reader.index;
    }
    trees.findScore(this.member.score, key, offset, length);
    return trees.path.rank();
  }

  /** How many elements have a score below this one, or (`inclusive`) up to it: the ends of a range by score as ranks. */
  countBelow(slot: CollectionSlot, score: number, inclusive: boolean): number {
    const { trees, reader } = this.forms;
    if (slot.valueLength === 0) return 0;
    if (this.forms.open(slot)) {
      trees.findScoreBound(score, inclusive);
      return trees.path.rank();
    }
    while (reader.forward()) if (inclusive ? reader.score > score : reader.score >= score) return reader.index;
    return reader.count;
  }

  /** Before the first element with a higher (score, member). */
  protected override placeOf({ score, keyBuffer, keyOffset, keyLength }: ElementView): number {
    const { reader } = this.forms;
    reader.rewind();
    while (reader.forward()) {
      if (reader.score > score) return reader.at;
      if (reader.score < score) continue;
      const { buffer } = reader;
      if (compareBytes(buffer, reader.keyOffset, reader.keyLength, keyBuffer, keyOffset, keyLength) > 0)
        return reader.at;
    }
    return reader.end;
  }

  protected override isSame(element: ElementView): boolean {
    return this.forms.reader.score === element.score;
  }
}
