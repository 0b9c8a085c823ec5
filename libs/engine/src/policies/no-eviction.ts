/** Evicts nothing: a full store refuses what would need more memory. */
import type { EvictionPolicy } from './eviction-policy.js';

export class NoEvictionPolicy implements EvictionPolicy {
  readonly layout = 0;
  readonly mustLearn = false;

  inserted(): void {}
  hit(): void {}
  removing(): void {}
  pageMoved(): void {}

  evict(): number {
    return 0;
  }
}
