/**
 * SIEVE (Zhang et al., "SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for web caches", NSDI 2024): a
 * hand walks from the oldest entry to the newest and evicts what has not been used since it last came by. One bit per
 * entry, in its flags; the queue is the log itself. A use sets the bit and moves nothing.
 *
 * Each shard has a queue and a hand; the hands move in turns (shard-turns.ts). With one shard this is the published
 * algorithm, entry by entry, but for {@link MAX_LOOKS}. An entry that is overwritten where it lies keeps its place; one
 * that needs more room becomes the newest.
 */
import { EXPIRY_FLAG } from '../record.js';
import { PAGE_SHIFT } from '../record-log.js';
import { SHARD_WORDS } from '../shard-state.js';
import { storedLength } from '../stored-record.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import type { PolicyContext } from './policy-context.js';
import { QuietPolicy } from './quiet-policy.js';
import { ShardHands } from './shard-hands.js';
import { ShardTurns } from './shard-turns.js';

const VISITED = 0x40;
/** Records (or pages without expiring records) that a call passes; then it takes one that has been used, too. */
const MAX_LOOKS = 32_768;
const QUEUE = 0;

export class SievePolicy extends QuietPolicy {
  private readonly hands: ShardHands;
  private readonly turns: ShardTurns;
  private readonly onlyExpiring: boolean;

  constructor(
    private readonly context: PolicyContext,
    settings: PolicySettings,
  ) {
    super();
    this.hands = new ShardHands(context, QUEUE);
    this.onlyExpiring = settings.scope === 'volatile';
    this.turns = new ShardTurns(context, this.onlyExpiring);
  }

  override hit(_shard: number, _address: number, bytes: Uint8Array, at: number): void {
    if ((bytes[at] & VISITED) === 0) bytes[at] |= VISITED;
  }

  override removing(shard: number, address: number): void {
    this.hands.removing(shard, address);
  }

  override cleared(shard: number): void {
    this.hands.cleared(shard);
  }

  override pageMoved(shard: number, page: number, target: number, _from: number, offsets: Uint16Array): void {
    this.hands.pageMoved(shard, page, target, offsets);
  }

  override evict(maxEntries: number, _nowMs: number, visit: VictimVisitor): number {
    const { hands } = this;
    let victims = 0;
    for (let looks = 0; victims < maxEntries && looks < 2 * MAX_LOOKS; looks++) {
      if (looks >= MAX_LOOKS && victims > 0) break;
      const partition = this.turns.current();
      if (partition < 0) break;
      const shard = partition * SHARD_WORDS;
      const address = hands.at(shard);
      if (this.passPage(shard, address) || this.pass(shard, address, looks < MAX_LOOKS)) continue;
      victims++;
      visit(partition, this.context.log.refOf(shard, address));
      if (hands.isAt(shard, address)) hands.pass(shard, address);
    }
    return victims;
  }

  /** Passes a whole page where nothing in it expires and only that may go. */
  private passPage(shard: number, address: number): boolean {
    if (!this.onlyExpiring) return false;
    const { heap, log } = this.context;
    const page = address >>> PAGE_SHIFT;
    if (heap.timeOf(shard, page) !== Infinity) return false;
    this.turns.spend(log.liveOf(shard, page));
    this.hands.passPage(shard, page);
    return true;
  }

  /** Passes the record where it stays; false for a victim. */
  private pass(shard: number, address: number, sparesUsed: boolean): boolean {
    const { log } = this.context;
    log.locate(shard, address);
    const { bytes, at } = log;
    this.turns.spend(storedLength(bytes, at));
    const mayGo = !this.onlyExpiring || (bytes[at] & EXPIRY_FLAG) !== 0;
    if (mayGo && (!sparesUsed || (bytes[at] & VISITED) === 0)) return false;
    if (mayGo) bytes[at] &= ~VISITED;
    this.hands.pass(shard, address);
    return true;
  }
}
