/**
 * W-TinyLFU (Einziger, Friedman and Manes, ACM Transactions on Storage 2017; as in Caffeine): new entries pass a window of
 * 1 %; one that leaves it stays only if it was used more often, by a sketch's estimate, than the one that would go for
 * it. The rest is an LRU of two parts: what is used again moves from probation to the protected 80 %.
 *
 * Three lists over the whole store, of which an entry's two bits name its own.
 */
import { POLICY_BITS } from '../record.js';
import { SHARD_WORDS } from '../shard-state.js';
import { EntryCosts } from './entry-costs.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import { FrequencySketch } from './frequency-sketch.js';
import { ListedPolicy } from './listed-policy.js';
import type { PolicyContext } from './policy-context.js';

const WINDOW = 0;
const PROBATION = 1;
const PROTECTED = 2;
const LISTS = 3;
const LAYOUT = 1;
const LIST_SHIFT = 6;
const WINDOW_SHARE = 0.01;
const PROTECTED_SHARE = 0.8;
/** Records that one use or new entry moves on between lists. */
const MAX_TRANSFERS = 16;
/** Records that one call drops from the lists because they may not be evicted any more. */
const MAX_DROPPED = 4096;

export class WTinyLfuPolicy extends ListedPolicy {
  private readonly costs: EntryCosts;
  private readonly sketch: FrequencySketch;
  /** What each list holds. */
  private readonly stored = new Float64Array(LISTS);
  private listed = 0;
  /** Whether the newest record of probation has just come from the window. */
  private hasCandidate = false;

  constructor(context: PolicyContext, settings: PolicySettings) {
    super(context, settings, LAYOUT, LISTS);
    this.costs = new EntryCosts(context, settings);
    this.sketch = new FrequencySketch(context.budget);
  }

  override get memoryBytes(): number {
    return this.sketch.memoryBytes;
  }

  override resizing(shard: number, address: number, bytes: Uint8Array, at: number, sign: 1 | -1): void {
    if (this.lists.isListed(bytes, at)) this.count(listOf(bytes, at), shard, address, bytes, at, sign);
  }

  override evict(maxEntries: number, _nowMs: number, visit: VictimVisitor): number {
    let victims = 0;
    for (let dropped = 0; victims < maxEntries && dropped < MAX_DROPPED && this.findVictim();) {
      const { shard, address, bytes, at } = this.lists;
      if (this.context.evictable[shard / SHARD_WORDS] === 0) {
        dropped++;
        this.leave(shard, address, bytes, at);
        continue;
      }
      victims++;
      const { listed } = this;
      visit(shard / SHARD_WORDS, this.context.log.refOf(shard, address));
      // What the visitor keeps must not be offered again at once.
      if (this.listed === listed) this.lists.refresh(listOf(bytes, at), bytes, at);
    }
    return victims;
  }

  override dispose(): void {
    this.sketch.dispose();
  }

  /** A record that replaces another stays in the other's list, which its bits name. */
  protected override enter(shard: number, address: number, bytes: Uint8Array, at: number): void {
    const list = listOf(bytes, at) < LISTS ? listOf(bytes, at) : WINDOW;
    this.add(list, shard, address, bytes, at);
    this.lists.addNewest(list, shard, address, bytes, at);
    this.sketch.add(this.context.locator.hashOf(bytes, at));
    this.shrinkWindow();
  }

  protected override enterOld(shard: number, address: number, bytes: Uint8Array, at: number): void {
    this.add(PROBATION, shard, address, bytes, at);
    this.lists.addOldest(PROBATION, shard, address, bytes, at);
  }

  protected override leave(shard: number, address: number, bytes: Uint8Array, at: number): void {
    const list = listOf(bytes, at);
    this.count(list, shard, address, bytes, at, -1);
    this.listed--;
    this.lists.remove(list, bytes, at);
  }

  protected override use(shard: number, address: number, bytes: Uint8Array, at: number): void {
    const list = listOf(bytes, at);
    if (list === PROBATION) this.move(PROBATION, PROTECTED, shard, address, bytes, at);
    else this.lists.refresh(list, bytes, at);
    this.sketch.add(this.context.locator.hashOf(bytes, at));
    if (list === PROBATION) this.shrinkProtected();
  }

  private add(list: number, shard: number, address: number, bytes: Uint8Array, at: number): void {
    bytes[at] = (bytes[at] & ~POLICY_BITS) | (list << LIST_SHIFT);
    this.count(list, shard, address, bytes, at, 1);
    this.listed++;
    this.sketch.reserve(this.listed);
  }

  /** Points the lists at the record that should go. */
  private findVictim(): boolean {
    const { lists } = this;
    if (!lists.oldest(PROBATION)) return lists.oldest(PROTECTED) || lists.oldest(WINDOW);
    if (!this.hasCandidate) return true;
    this.hasCandidate = false;
    const victimUses = this.usesOfFound();
    lists.newest(PROBATION);
    return this.usesOfFound() > victimUses ? lists.oldest(PROBATION) : true;
  }

  private usesOfFound(): number {
    return this.sketch.countOf(this.context.locator.hashOf(this.lists.bytes, this.lists.at));
  }

  /** Lets the window's oldest records go on to probation until it has its share. */
  private shrinkWindow(): void {
    const { lists, stored } = this;
    const limit = Math.floor(this.capacity() * WINDOW_SHARE);
    for (let left = MAX_TRANSFERS; left > 0 && stored[WINDOW] > limit && lists.oldest(WINDOW); left--) {
      this.move(WINDOW, PROBATION, lists.shard, lists.address, lists.bytes, lists.at);
      this.hasCandidate = true;
    }
  }

  private shrinkProtected(): void {
    const { lists, stored } = this;
    const limit = Math.floor(this.capacity() * (1 - WINDOW_SHARE) * PROTECTED_SHARE);
    for (let left = MAX_TRANSFERS; left > 0 && stored[PROTECTED] > limit && lists.oldest(PROTECTED); left--) {
      this.move(PROTECTED, PROBATION, lists.shard, lists.address, lists.bytes, lists.at);
      this.hasCandidate = false;
    }
  }

  private move(list: number, target: number, shard: number, address: number, bytes: Uint8Array, at: number): void {
    const cost = this.costs.of(shard, address, bytes, at);
    this.stored[list] -= cost;
    this.stored[target] += cost;
    bytes[at] = (bytes[at] & ~POLICY_BITS) | (target << LIST_SHIFT);
    this.lists.transfer(list, target, bytes, at);
  }

  private count(list: number, shard: number, address: number, bytes: Uint8Array, at: number, sign: 1 | -1): void {
    this.stored[list] += sign * this.costs.of(shard, address, bytes, at);
  }

  private capacity(): number {
    const { stored } = this;
    return this.costs.capacity(stored[WINDOW] + stored[PROBATION] + stored[PROTECTED]);
  }
}

function listOf(bytes: Uint8Array, at: number): number {
  return bytes[at] >>> LIST_SHIFT;
}
