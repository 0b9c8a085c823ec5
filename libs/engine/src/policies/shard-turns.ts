/**
 * Which shard a hand moves in next: deficit round robin (Shreedhar and Varghese, "Efficient fair queueing using deficit
 * round robin", SIGCOMM 1995) weighted by the bytes that shards hold. So the hands of all shards come around in the same
 * time, whatever the shards' sizes, and a record of a small shard lives as long as one of a large shard.
 */
import { ENTRIES, EXPIRING, LOG_LIVE, SHARD_WORDS } from '../shard-state.js';
import type { PolicyContext } from './policy-context.js';

/** Bytes of log that a shard of average size is walked by per turn. */
const TURN_BYTES = 2048;
/** A turn walks at most this share of a shard, so that small stores are walked evenly too. */
const MAX_TURN_SHARE = 1 / 8;
/** Rounds in which at least one shard gets its turn: its debt is at most what it holds, and some for the rounding. */
const MAX_ROUNDS = 12;

export class ShardTurns {
  private partition = 0;
  private share = MAX_TURN_SHARE;
  /** Of the round under way: shards that take part, and what they hold. */
  private shards = 0;
  private liveBytes = 0;
  /** Bytes that each shard may be walked by; negative after a record that was longer. */
  private readonly credits: Float64Array;

  constructor(
    private readonly context: PolicyContext,
    private readonly onlyExpiring: boolean,
  ) {
    this.credits = new Float64Array(context.partitionCount);
  }

  /** The partition whose turn it is, or -1 where none may give victims. */
  current(): number {
    for (let left = MAX_ROUNDS * this.credits.length; left >= 0; left--) {
      if (this.credits[this.partition] > 0 && this.mayEvict(this.partition)) return this.partition;
      this.pass();
    }
    return -1;
  }

  /** Says that the current partition's hand has passed so many bytes of log. */
  spend(bytes: number): void {
    this.credits[this.partition] -= bytes;
  }

  private mayEvict(partition: number): boolean {
    const { evictable, state } = this.context;
    const shard = partition * SHARD_WORDS;
    return evictable[partition] !== 0 && state.words[shard + (this.onlyExpiring ? EXPIRING : ENTRIES)] > 0;
  }

  /** Goes on to the next shard and gives it its share. */
  pass(): void {
    const { credits } = this;
    this.partition++;
    if (this.partition === credits.length) this.beginRound();
    if (!this.mayEvict(this.partition)) {
      credits[this.partition] = 0;
      return;
    }
    const live = this.context.state.words[this.partition * SHARD_WORDS + LOG_LIVE];
    this.shards++;
    this.liveBytes += live;
    credits[this.partition] = Math.max(Math.min(credits[this.partition], 0), -live) + live * this.share;
  }

  private beginRound(): void {
    this.partition = 0;
    this.share = Math.min((TURN_BYTES * this.shards) / Math.max(this.liveBytes, 1), MAX_TURN_SHARE);
    this.shards = 0;
    this.liveBytes = 0;
  }
}
