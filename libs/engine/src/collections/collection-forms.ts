/**
 * The two forms of a collection and the ways between them. A packed one that outgrows its bounds becomes trees; trees
 * with half of that left, in a single leaf, become packed again. Each costs as much as one packed value is long.
 */
import { assert } from '#libs/kernel';
import { VALUE_TYPE, type ValueType, varintLength } from '../record.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { CHANGE, type Change, type CollectionSlot } from './collection-slot.js';
import type { CollectionTrees } from './collection-trees.js';
import { isLargeHead, ROOT_BYTES } from './collection-value.js';
import { ElementView } from './element-view.js';
import { blockBytesOf } from './node-image.js';
import { isInner, neededBytes, unitsOf } from './node-layout.js';
import { PackedReader } from './packed-reader.js';
import { begin, PackedWriter, writeElement } from './packed-writer.js';

const { packedBytes, packedElements, repackBytes, repackElements, inlineKeyBytes, inlineValueBytes, reclaimedNodes } =
  COLLECTION_BOUNDS;

export class CollectionForms {
  readonly reader = new PackedReader();
  readonly writer = new PackedWriter();
  private readonly element = new ElementView();

  constructor(readonly trees: CollectionTrees) {}

  /** Opens the slot's value with the reader, or (answering true) reads a large one's root. */
  open(slot: CollectionSlot): boolean {
    if (isLargeHead(slot.buffer[slot.valueOffset])) {
      this.trees.root.read(slot.buffer, slot.valueOffset);
      return true;
    }
    this.reader.open(slot.buffer, slot.valueOffset, slot.valueLength);
    return false;
  }

  count(slot: CollectionSlot): number {
    if (slot.valueLength === 0) return 0;
    return this.open(slot) ? this.trees.root.count : this.reader.count;
  }

  /** Makes the slot a collection of this one element. */
  create(slot: CollectionSlot, type: ValueType, element: ElementView): Change {
    const { writer, trees } = this;
    if (mayFit(type, element) && writer.encode(type, element) + 2 <= packedBytes) {
      writer.single(type);
      return this.storePacked(slot, type) ? CHANGE.ADDED : CHANGE.REFUSED;
    }
    trees.root.clear(type);
    if (trees.put(element) === CHANGE.REFUSED || !this.storeRoot(slot)) return this.giveUp();
    return CHANGE.ADDED;
  }

  /**
   * Whether a packed value of `count` elements fits with the element put in and `cutBytes` taken out; the writer
   * has the element encoded then.
   */
  fits(count: number, element: ElementView, cutBytes: number): boolean {
    const { reader, writer } = this;
    if (reader.type !== VALUE_TYPE.LIST && count > packedElements) return false;
    if (!mayFit(reader.type, element)) return false;
    const elementBytes = writer.encode(reader.type, element);
    return 1 + varintLength(count) + reader.end - reader.bodyOffset - cutBytes + elementBytes <= packedBytes;
  }

  /** Stores what the writer has made. */
  storePacked(slot: CollectionSlot, type: number): boolean {
    const { out } = this.writer;
    return slot.store(type as ValueType, out.buffer, 0, out.length);
  }

  /** Removes the packed element that the reader is at, and the entry with the last one. */
  removePacked(slot: CollectionSlot): Change {
    const { reader, writer } = this;
    if (reader.count === 1) {
      slot.remove();
      return CHANGE.REMOVED;
    }
    writer.splice(reader, reader.count - 1, reader.at, reader.next, -1);
    return this.storePacked(slot, reader.type) ? CHANGE.REMOVED : CHANGE.REFUSED;
  }

  /** Makes trees of the packed value that the reader has open; nothing is stored yet. False where memory does not allow it. */
  unpack(): boolean {
    const { reader, trees, element } = this;
    trees.root.clear(reader.type);
    for (reader.rewind(); reader.forward();) {
      reader.fill(element);
      if (trees.put(element) !== CHANGE.REFUSED) continue;
      this.giveUp();
      return false;
    }
    return true;
  }

  /** Stores the root of the trees that {@link unpack} has made, and that have changed since; gives them up otherwise. */
  storeUnpacked(slot: CollectionSlot, change: Change): Change {
    if (change !== CHANGE.REFUSED && this.storeRoot(slot)) return change;
    return this.giveUp();
  }

  /** Stores the root of a large collection that has changed. */
  update(slot: CollectionSlot): void {
    assert(slot.valueLength === ROOT_BYTES && this.storeRoot(slot), 'a root takes the place of a root');
  }

  /** What follows the removal of elements from a large collection: its root, its packed form, or its end. */
  settle(slot: CollectionSlot): void {
    const { root } = this.trees;
    if (root.count === 0) slot.remove();
    else if (root.count > repackElements || !this.repack(slot)) this.update(slot);
  }

  private storeRoot(slot: CollectionSlot): boolean {
    const { root } = this.trees;
    root.write();
    return slot.store(root.type as ValueType, root.bytes, 0, ROOT_BYTES);
  }

  private giveUp(): Change {
    this.trees.drop();
    this.trees.memory.reclaim(reclaimedNodes);
    return CHANGE.REFUSED;
  }

  /** Stores the collection packed where it lies in one leaf with little in it; false where not. */
  private repack(slot: CollectionSlot): boolean {
    const { trees, writer, element } = this;
    const { path, root, memory } = trees;
    if (!trees.findRank(0) || path.depth !== 1 || isInner(path.bytes, path.at)) return false;
    if (neededBytes(path.bytes, path.at, blockBytesOf(unitsOf(path.bytes, path.at))) > repackBytes) return false;
    const { out } = writer;
    begin(out, root.type, root.count);
    do {
      trees.fillRanked(path, element);
      if (element.keyLength > inlineKeyBytes || element.valueLength > inlineValueBytes) return false;
      writeElement(out, root.type, element);
    } while (path.forward());
    const { tree, scores } = root;
    if (!this.storePacked(slot, root.type)) return false;
    memory.drop(tree);
    memory.drop(scores);
    memory.reclaim(reclaimedNodes);
    return true;
  }
}

/** Whether an element is short enough to be packed at all, so that no long one is copied to find that out. */
function mayFit(type: number, { keyLength, valueLength }: ElementView): boolean {
  const isKeyed = type !== VALUE_TYPE.LIST;
  const isValued = type === VALUE_TYPE.LIST || type === VALUE_TYPE.HASH;
  return (isKeyed ? keyLength : 0) + (isValued ? valueLength : 0) <= packedBytes;
}
