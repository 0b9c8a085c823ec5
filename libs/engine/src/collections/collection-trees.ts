/**
 * The trees of one large collection at a time, that of {@link CollectionTrees.root}:
 *
 *     hash         hash of the field (32 bits) and field -> value
 *     set          hash of the member and member
 *     sorted set   hash of the member and member -> score, and a second tree: score and member
 *     list         value by position
 *
 * Keys are ordered by a hash first so that a scan's cursor is a number that means the same after every change, on every
 * owner and after a failover (the seed belongs to the cluster), as for keys. That costs 4 bytes per element, and keeps
 * separators short, whatever the fields have in common.
 */
import { assert, ByteWriter } from '#libs/kernel';
import { KeyHasher } from '../key-hash.js';
import { VALUE_TYPE } from '../record.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { CHANGE, type Change } from './collection-slot.js';
import { RootRecord } from './collection-value.js';
import { ElementView } from './element-view.js';
import { SHAPE } from './node-layout.js';
import { readScore, readScoreKey, SCORE_BYTES, writeScore, writeScoreKey } from './score-bytes.js';
import type { TreeMemory } from './tree-memory.js';
import { TreePath } from './tree-path.js';
import { TreeRemover } from './tree-remover.js';
import { TreeWriter } from './tree-writer.js';

export const HASH_BYTES = 4;
const NO_BYTES = new Uint8Array(0);

export class CollectionTrees {
  readonly root = new RootRecord();
  /** Where the last look-up ended, in the tree that it looked into. */
  readonly path: TreePath;

  private readonly hasher: KeyHasher;
  private readonly writer: TreeWriter;
  private readonly remover: TreeRemover;
  /** The tree's key for what is looked up. */
  private readonly key = new ByteWriter();
  private readonly score = new Uint8Array(SCORE_BYTES);
  private readonly view = new ElementView();

  constructor(
    readonly memory: TreeMemory,
    hashSeed: number,
  ) {
    this.path = new TreePath(memory);
    this.writer = new TreeWriter(memory);
    this.remover = new TreeRemover(memory);
    this.hasher = new KeyHasher(hashSeed);
  }

  /** Adds an element, or gives it its new value or score; a list's becomes the last one. Counts it in the root. */
  put(element: ElementView): Change {
    const { root } = this;
    if (root.count >= COLLECTION_BOUNDS.maxElements) return CHANGE.REFUSED;
    if (root.type === VALUE_TYPE.LIST) return this.insertAt(root.count, element);
    const change = root.type === VALUE_TYPE.ZSET ? this.putMember(element) : this.putKey(element);
    if (change === CHANGE.ADDED) root.count++;
    return change;
  }

  /** Inserts a list's element at this position. */
  insertAt(index: number, element: ElementView): Change {
    const { root, path, writer } = this;
    if (root.count >= COLLECTION_BOUNDS.maxElements) return CHANGE.REFUSED;
    path.root = root.tree;
    path.toGap(index);
    const { valueBuffer, valueOffset, valueLength } = element;
    if (!writer.put(path, SHAPE.LIST, false, NO_BYTES, 0, 0, valueBuffer, valueOffset, valueLength))
      return CHANGE.REFUSED;
    root.tree = path.root;
    root.count++;
    return CHANGE.ADDED;
  }

  /** Replaces a list's element at this position. */
  replaceAt(index: number, element: ElementView): Change {
    const { root, path, writer } = this;
    path.root = root.tree;
    if (!path.toRank(index)) return CHANGE.NONE;
    const { valueBuffer, valueOffset, valueLength } = element;
    if (!writer.put(path, SHAPE.LIST, true, NO_BYTES, 0, 0, valueBuffer, valueOffset, valueLength))
      return CHANGE.REFUSED;
    root.tree = path.root;
    return CHANGE.REPLACED;
  }

  /** Goes to the element of this key in the tree of elements. */
  find(key: Uint8Array, offset: number, length: number): boolean {
    this.hashedKey(key, offset, length);
    this.path.root = this.root.tree;
    return this.path.toKey(this.key.buffer, 0, this.key.length);
  }

  /** Goes to the first element whose key's hash is not below this one; false where there is none. */
  findHash(hash: number): boolean {
    const { key, path } = this;
    this.beginHash(hash);
    path.root = this.root.tree;
    path.toKey(key.buffer, 0, key.length);
    return path.settle();
  }

  /** The hash of the key at the path's position, below 2^32; `view` must show that element. */
  hashAt(view: ElementView): number {
    const { keyBuffer: bytes, keyOffset: end } = view;
    const at = end - HASH_BYTES;
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }

  /** Goes to an element by number: by score in a sorted set, by position in a list, by hash in others. */
  findRank(rank: number): boolean {
    const { root, path } = this;
    path.root = root.type === VALUE_TYPE.ZSET ? root.scores : root.tree;
    return path.toRank(rank);
  }

  /** Goes to a member of this score in the tree of scores. */
  findScore(score: number, member: Uint8Array, offset: number, length: number): boolean {
    this.scoredKey(score, member, offset, length);
    this.path.root = this.root.scores;
    return this.path.toKey(this.key.buffer, 0, this.key.length);
  }

  /** Goes to where the elements of this score begin in the tree of scores, or (`after`) to where they end. */
  findScoreBound(score: number, after: boolean): void {
    this.scoredKey(score, NO_BYTES, 0, 0);
    const bytes = this.key.buffer;
    if (after) increment(bytes, SCORE_BYTES);
    this.path.root = this.root.scores;
    this.path.toKey(bytes, 0, SCORE_BYTES);
  }

  /** What lies at the path's position in the tree of elements. */
  fill(view: ElementView): void {
    const { type } = this.root;
    this.path.fill(view, type === VALUE_TYPE.LIST ? 0 : HASH_BYTES);
    if (type === VALUE_TYPE.ZSET) view.score = readScore(view.valueBuffer, view.valueOffset);
  }

  /** What lies at the position of a path through the tree that {@link findRank} goes through. */
  fillRanked(path: TreePath, view: ElementView): void {
    const { type } = this.root;
    if (type !== VALUE_TYPE.ZSET) {
      path.fill(view, type === VALUE_TYPE.LIST ? 0 : HASH_BYTES);
      return;
    }
    path.fill(view, SCORE_BYTES);
    view.score = readScoreKey(view.keyBuffer, view.keyOffset - SCORE_BYTES);
  }

  /** Removes the element of this key; false where there is none. */
  removeKey(key: Uint8Array, offset: number, length: number): boolean {
    const { root, path, remover } = this;
    if (!this.find(key, offset, length)) return false;
    if (root.type === VALUE_TYPE.ZSET) {
      const score = this.scoreAtPath();
      this.removeScore(score, key, offset, length);
      this.find(key, offset, length);
    }
    remover.remove(path);
    root.tree = path.root;
    root.count--;
    return true;
  }

  /** Removes a list's element at this position. */
  removeAt(index: number): boolean {
    const { root, path, remover } = this;
    path.root = root.tree;
    if (!path.toRank(index)) return false;
    remover.remove(path);
    root.tree = path.root;
    root.count--;
    return true;
  }

  /** Removes so many of a list's elements, but not all, from one end. */
  trim(end: 'first' | 'last', count: number): void {
    if (count === 0) return;
    const { root, path, remover } = this;
    assert(count < root.count, 'a trim leaves an element');
    path.root = root.tree;
    remover.trim(path, end, count);
    root.tree = path.root;
    root.count -= count;
  }

  /** Gives up the collection; its memory is freed in steps. */
  drop(): void {
    this.memory.drop(this.root.tree);
    this.memory.drop(this.root.scores);
    this.root.clear(this.root.type);
  }

  private putKey(element: ElementView): Change {
    const { root, path, key } = this;
    const { keyBuffer, keyOffset, keyLength, valueBuffer, valueOffset, valueLength } = element;
    const found = this.find(keyBuffer, keyOffset, keyLength);
    const isSet = root.type === VALUE_TYPE.SET;
    if (found && isSet) return CHANGE.NONE;
    const shape = isSet ? SHAPE.KEYS : SHAPE.FIELDS;
    if (!this.writer.put(path, shape, found, key.buffer, 0, key.length, valueBuffer, valueOffset, valueLength)) {
      return CHANGE.REFUSED;
    }
    root.tree = path.root;
    return found ? CHANGE.REPLACED : CHANGE.ADDED;
  }

  private putMember(element: ElementView): Change {
    const { keyBuffer, keyOffset, keyLength, score } = element;
    const found = this.find(keyBuffer, keyOffset, keyLength);
    if (!found) return this.addMember(element);
    const old = this.scoreAtPath();
    if (old === score) return CHANGE.NONE;
    if (!this.addScore(element)) return CHANGE.REFUSED;
    this.removeScore(old, keyBuffer, keyOffset, keyLength);
    this.find(keyBuffer, keyOffset, keyLength);
    assert(this.writeMember(score, true), 'a score takes the place of a score');
    return CHANGE.REPLACED;
  }

  private addMember(element: ElementView): Change {
    const { root, path, remover } = this;
    const { keyBuffer, keyOffset, keyLength, score } = element;
    if (!this.writeMember(score, false)) return CHANGE.REFUSED;
    if (this.addScore(element)) return CHANGE.ADDED;
    this.find(keyBuffer, keyOffset, keyLength);
    remover.remove(path);
    root.tree = path.root;
    return CHANGE.REFUSED;
  }

  /** Puts the key that was looked up last, with this score, where the path is. */
  private writeMember(score: number, replace: boolean): boolean {
    const { root, path, key } = this;
    writeScore(this.score, 0, score);
    if (!this.writer.put(path, SHAPE.MEMBERS, replace, key.buffer, 0, key.length, this.score, 0, SCORE_BYTES))
      return false;
    root.tree = path.root;
    return true;
  }

  private addScore({ score, keyBuffer, keyOffset, keyLength }: ElementView): boolean {
    const { root, path, key } = this;
    this.findScore(score, keyBuffer, keyOffset, keyLength);
    if (!this.writer.put(path, SHAPE.KEYS, false, key.buffer, 0, key.length, NO_BYTES, 0, 0)) return false;
    root.scores = path.root;
    return true;
  }

  private removeScore(score: number, member: Uint8Array, offset: number, length: number): void {
    const { root, path, remover } = this;
    assert(this.findScore(score, member, offset, length), 'a member has its score in both trees');
    remover.remove(path);
    root.scores = path.root;
  }

  private scoreAtPath(): number {
    const { path, view } = this;
    path.fill(view, HASH_BYTES);
    return readScore(view.valueBuffer, view.valueOffset);
  }

  private hashedKey(key: Uint8Array, offset: number, length: number): void {
    this.beginHash(this.hasher.hash(0, key, offset, length));
    this.key.bytes(key, offset, length);
  }

  private beginHash(hash: number): void {
    const { key } = this;
    key.reset();
    for (let shift = 24; shift >= 0; shift -= 8) key.u8((hash >>> shift) & 0xff);
  }

  private scoredKey(score: number, member: Uint8Array, offset: number, length: number): void {
    const { key } = this;
    assert(!Number.isNaN(score), 'a score must be a number');
    key.reset();
    key.reserve(SCORE_BYTES);
    writeScoreKey(key.buffer, 0, score);
    key.length = SCORE_BYTES;
    key.bytes(member, offset, length);
  }
}

/** Makes the first `length` bytes, as a number with its highest byte first, one higher. */
function increment(bytes: Uint8Array, length: number): void {
  for (let at = length - 1; at >= 0; at--) {
    bytes[at]++;
    if (bytes[at] !== 0) return;
  }
}
