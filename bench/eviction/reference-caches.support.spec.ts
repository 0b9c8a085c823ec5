/**
 * LRU, SIEVE and S3-FIFO as plainly as their papers put them, with a Map for every queue: what the production classes
 * are compared with. A Map iterates in the order of insertion, so its first key is a queue's tail.
 */
import type { TraceCache } from './replay.js';

interface Cached {
  readonly object: number;
  readonly size: number;
  hits: number;
}

class Queue {
  bytes = 0;
  private readonly entries = new Map<number, Cached>();

  get(object: number): Cached | undefined {
    return this.entries.get(object);
  }

  push(entry: Cached): void {
    this.entries.set(entry.object, entry);
    this.bytes += entry.size;
  }

  tail(): Cached | undefined {
    return this.entries.values().next().value;
  }

  remove(entry: Cached): void {
    this.entries.delete(entry.object);
    this.bytes -= entry.size;
  }

  /** From tail to head. */
  inOrder(): Cached[] {
    return [...this.entries.values()];
  }
}

export class ReferenceLru implements TraceCache {
  private readonly queue = new Queue();

  constructor(private readonly cacheBytes: number) {}

  request(object: number, size: number): boolean {
    const { queue } = this;
    const found = queue.get(object);
    if (found !== undefined) {
      queue.remove(found);
      queue.push(found);
      return true;
    }
    if (size > this.cacheBytes) return false;
    while (queue.bytes + size > this.cacheBytes) queue.remove(queue.tail()!);
    queue.push({ object, size, hits: 0 });
    return false;
  }
}

/** Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024. A linked list, since the hand stops in its middle. */
export class ReferenceSieve implements TraceCache {
  private readonly nodes = new Map<number, SieveNode>();
  private head: SieveNode | undefined;
  private tail: SieveNode | undefined;
  private hand: SieveNode | undefined;
  private bytes = 0;

  constructor(private readonly cacheBytes: number) {}

  request(object: number, size: number): boolean {
    const found = this.nodes.get(object);
    if (found !== undefined) {
      found.visited = true;
      return true;
    }
    if (size > this.cacheBytes) return false;
    while (this.bytes + size > this.cacheBytes) this.evict();
    const node: SieveNode = { object, size, visited: false, newer: undefined, older: this.head };
    if (this.head === undefined) this.tail = node;
    else this.head.newer = node;
    this.head = node;
    this.nodes.set(object, node);
    this.bytes += size;
    return false;
  }

  private evict(): void {
    let node = this.hand ?? this.tail!;
    while (node.visited) {
      node.visited = false;
      node = node.newer ?? this.tail!;
    }
    this.hand = node.newer;
    if (node.newer === undefined) this.head = node.older;
    else node.newer.older = node.older;
    if (node.older === undefined) this.tail = node.newer;
    else node.older.newer = node.newer;
    this.nodes.delete(node.object);
    this.bytes -= node.size;
  }
}

interface SieveNode {
  readonly object: number;
  readonly size: number;
  visited: boolean;
  newer: SieveNode | undefined;
  older: SieveNode | undefined;
}

/** Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023. */
export class ReferenceS3Fifo implements TraceCache {
  private readonly small = new Queue();
  private readonly main = new Queue();
  private readonly ghosts = new Queue();
  private readonly smallBytes: number;
  private readonly mainBytes: number;

  constructor(private readonly cacheBytes: number) {
    this.smallBytes = Math.floor(cacheBytes * 0.1);
    this.mainBytes = cacheBytes - this.smallBytes;
  }

  request(object: number, size: number): boolean {
    const found = this.small.get(object) ?? this.main.get(object);
    if (found !== undefined) {
      found.hits = Math.min(found.hits + 1, 3);
      return true;
    }
    const ghost = this.ghosts.get(object);
    if (ghost !== undefined) this.ghosts.remove(ghost);
    if (size > this.cacheBytes) return false;
    if (ghost === undefined && size >= this.smallBytes) return false;
    while (this.small.bytes + this.main.bytes + size > this.cacheBytes) this.evict();
    const entry = { object, size, hits: 0 };
    if (ghost !== undefined) this.main.push(entry);
    else this.small.push(entry);
    return false;
  }

  private evict(): void {
    if (this.main.bytes > this.mainBytes || this.small.tail() === undefined) this.evictFromMain();
    else this.evictFromSmall();
  }

  private evictFromSmall(): void {
    for (let entry = this.small.tail(); entry !== undefined; entry = this.small.tail()) {
      this.small.remove(entry);
      if (entry.hits < 2) return this.remember(entry);
      this.main.push({ ...entry, hits: 0 });
    }
  }

  private evictFromMain(): void {
    for (let entry = this.main.tail(); entry !== undefined; entry = this.main.tail()) {
      this.main.remove(entry);
      if (entry.hits === 0) return;
      entry.hits--;
      this.main.push(entry);
    }
  }

  private remember(entry: Cached): void {
    const { ghosts } = this;
    if (entry.size > this.mainBytes) return;
    while (ghosts.bytes + entry.size > this.mainBytes) ghosts.remove(ghosts.tail()!);
    ghosts.push({ object: entry.object, size: entry.size, hits: 0 });
  }
}
