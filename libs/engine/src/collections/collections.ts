/**
 * Hashes, lists, sets and sorted sets of one store: values of entries that are more than a string. A small collection is its
 * entry's value, packed (packed-reader.ts); a large one lies in B+trees in the store's arena (node-layout.ts), and the
 * entry's value is their root record (collection-value.ts).
 *
 * Operations take the entry as a {@link CollectionSlot}, decide nothing about time, expiry or events, and answer what has
 * changed. Where an entry is removed or overwritten as a whole, the engine calls {@link release} with its value.
 */
import type { Arena } from '../arena.js';
import { VALUE_TYPE } from '../record.js';
import { CollectionCursor } from './collection-cursor.js';
import { CollectionForms } from './collection-forms.js';
import { CollectionRebuilder } from './collection-rebuilder.js';
import type { Change, CollectionSlot } from './collection-slot.js';
import { CollectionTrees } from './collection-trees.js';
import { type UnitPosition, UnitWriter } from './collection-units.js';
import { isLargeHead, RootRecord } from './collection-value.js';
import type { ElementView } from './element-view.js';
import { KeyedCollection } from './keyed-collection.js';
import { ListCollection } from './list-collection.js';
import { SortedSet } from './sorted-set.js';
import { TreeMemory } from './tree-memory.js';

export class Collections {
  readonly hashes: KeyedCollection;
  readonly sets: KeyedCollection;
  readonly sortedSets: SortedSet;
  readonly lists: ListCollection;

  private readonly memory: TreeMemory;
  private readonly forms: CollectionForms;
  private readonly units: UnitWriter;
  private readonly rebuilder: CollectionRebuilder;
  private readonly root = new RootRecord();

  /** `hashSeed`: 32 bits, the same on all nodes of a cluster, because scan cursors depend on it. */
  constructor(arena: Arena, hashSeed: number) {
    this.memory = new TreeMemory(arena);
    this.forms = new CollectionForms(new CollectionTrees(this.memory, hashSeed));
    this.hashes = new KeyedCollection(this.forms, VALUE_TYPE.HASH);
    this.sets = new KeyedCollection(this.forms, VALUE_TYPE.SET);
    this.sortedSets = new SortedSet(this.forms);
    this.lists = new ListCollection(this.forms);
    this.units = new UnitWriter(this.forms);
    this.rebuilder = new CollectionRebuilder((slot, type, element) => this.add(slot, type, element));
  }

  /** Bytes of the arena that large collections take, those not yet freed included. */
  get usedBytes(): number {
    return this.memory.usedBytes;
  }

  /** A cursor of the caller's own; it serves any number of collections, one after another. */
  cursor(): CollectionCursor {
    return new CollectionCursor(this.forms);
  }

  /** Whether a collection's value is the root of trees, which means something in this process alone. */
  isLarge(value: Uint8Array, offset: number): boolean {
    return isLargeHead(value[offset]);
  }

  /**
   * Gives up what a collection's value refers to; nothing for a packed one. The memory is freed by {@link reclaim}, and
   * counts as used until then.
   */
  release(value: Uint8Array, offset: number): void {
    if (!isLargeHead(value[offset])) return;
    this.root.read(value, offset);
    this.memory.drop(this.root.tree);
    this.memory.drop(this.root.scores);
  }

  /** Frees up to `maxNodes` nodes (4 KiB and what hangs on them) of released collections, and answers how many. */
  reclaim(maxNodes: number): number {
    return this.memory.reclaim(maxNodes);
  }

  /** Whether {@link reclaim} has something to free. */
  get hasReleased(): boolean {
    return this.memory.hasDropped;
  }

  /**
   * Answers the unit of the slot's collection at this position and moves that on; undefined where there is no more.
   * The bytes are valid until the next call.
   */
  nextUnit(slot: CollectionSlot, type: number, position: UnitPosition): Uint8Array | undefined {
    return this.units.next(slot, type, position) ? this.units.out.written() : undefined;
  }

  /** Begins to rebuild a collection from units. */
  beginRebuild(): void {
    this.rebuilder.reset();
  }

  /**
   * Adds a unit to a collection; false where memory does not allow it. Throws DecodeError for bytes that are no such unit.
   * In both cases the caller gives the unfinished collection up.
   */
  rebuild(slot: CollectionSlot, type: number, unit: Uint8Array, offset = 0, length = unit.length - offset): boolean {
    return this.rebuilder.append(slot, type, unit, offset, length);
  }

  /** Whether the units so far end a collection, and do not stop within an element. */
  get isRebuilt(): boolean {
    return this.rebuilder.isWhole;
  }

  private add(slot: CollectionSlot, type: number, element: ElementView): Change {
    if (type === VALUE_TYPE.LIST) return this.lists.insert(slot, this.lists.count(slot), element);
    if (type === VALUE_TYPE.ZSET) return this.sortedSets.put(slot, element);
    return (type === VALUE_TYPE.SET ? this.sets : this.hashes).put(slot, element);
  }
}
