/**
 * Log pages that the hand of a policy has just left. It has taken from them all that it will take until it comes by again, a
 * round later, so no moment is better for cleaning them. A bounded queue: where cleaning falls behind, the oldest are
 * forgotten, and found by sampling like any other page.
 */
const CAPACITY = 16;

export class PassedPages {
  /** What {@link take} found; the page may have been freed since, or hold other records. */
  shard = 0;
  page = 0;

  private first = 0;
  private count = 0;
  private readonly shards = new Uint32Array(CAPACITY);
  private readonly pages = new Uint32Array(CAPACITY);

  note(shard: number, page: number): void {
    const at = (this.first + this.count) % CAPACITY;
    this.shards[at] = shard;
    this.pages[at] = page;
    if (this.count < CAPACITY) this.count++;
    else this.first = (this.first + 1) % CAPACITY;
  }

  /** Points at the page that was left first; false where there is none. */
  take(): boolean {
    if (this.count === 0) return false;
    this.shard = this.shards[this.first];
    this.page = this.pages[this.first];
    this.first = (this.first + 1) % CAPACITY;
    this.count--;
    return true;
  }
}
