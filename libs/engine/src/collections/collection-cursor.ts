/**
 * Goes through a collection element by element, forwards or backwards, from any number on: a sorted set by score, a list
 * by position, others in no particular order. Valid until the next change of the store.
 */
import type { CollectionForms } from './collection-forms.js';
import type { CollectionSlot } from './collection-slot.js';
import { RootRecord } from './collection-value.js';
import { ElementView } from './element-view.js';
import { PackedReader } from './packed-reader.js';
import { TreePath } from './tree-path.js';
import { VALUE_TYPE } from '../record.js';

export class CollectionCursor {
  /** The current element. */
  readonly element = new ElementView();
  /** Elements of the collection. */
  count = 0;
  isLarge = false;

  private readonly reader = new PackedReader();
  private readonly root = new RootRecord();
  private readonly path: TreePath;

  constructor(private readonly forms: CollectionForms) {
    this.path = new TreePath(forms.trees.memory);
  }

  /** Opens the slot's collection and goes to its element of this number; false where there is none. */
  open(slot: CollectionSlot, index = 0): boolean {
    this.count = 0;
    if (slot.valueLength === 0) return false;
    this.isLarge = this.forms.open(slot);
    const { root } = this;
    if (this.isLarge) {
      root.read(slot.buffer, slot.valueOffset);
      this.count = root.count;
      this.path.root = root.type === VALUE_TYPE.ZSET ? root.scores : root.tree;
      return this.show(index >= 0 && this.path.toRank(index));
    }
    this.reader.open(slot.buffer, slot.valueOffset, slot.valueLength);
    this.count = this.reader.count;
    return this.show(this.reader.seek(index));
  }

  /** Moves to the next element; false where there is none, and the cursor is then of no use. */
  forward(): boolean {
    return this.show(this.isLarge ? this.path.forward() : this.reader.forward());
  }

  /** As {@link forward}, to the element before. */
  backward(): boolean {
    return this.show(this.isLarge ? this.path.backward() : this.reader.backward());
  }

  private show(isThere: boolean): boolean {
    if (!isThere) return false;
    if (!this.isLarge) {
      this.reader.fill(this.element);
      return true;
    }
    this.forms.trees.root.type = this.root.type;
    this.forms.trees.fillRanked(this.path, this.element);
    return true;
  }
}
