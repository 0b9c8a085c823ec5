/** A storage node with stores as a test defines them: commands go in, limits are checked after each frame. */
import { storeFromPreset, type StoreOverrides, type StoreType, type TableStore } from '#libs/cluster';
import { EventReader, EVENT_KINDS, REMOVAL_CAUSES } from '#libs/events';
import { latin1Text } from '#libs/kernel';
import { StorageBench } from './storage-bench.support.spec.js';
import type { StorageHost, StorageOptions } from './index.js';

export const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
export const OK = '+OK\r\n';
const FRAME = 50;

export function storeOf(type: StoreType, overrides: Partial<StoreOverrides> = {}, id = 0): TableStore {
  return { id, ...storeFromPreset(type, { name: id === 0 ? 'default' : `store${id}`, ...overrides }) };
}

export class MemoryRig {
  readonly bench: StorageBench;
  readonly host: StorageHost;
  readonly evicted: string[] = [];
  private readonly gateway;
  /** What is above a limit that was lowered may only become less. */
  private usedBytes = 0;

  constructor(stores: readonly TableStore[], options: Partial<StorageOptions> = {}, partitionCount = 4) {
    this.bench = new StorageBench(partitionCount);
    this.bench.stores = stores;
    this.host = this.bench.node('s1', options);
    this.host.onEvents = ({ writer }) => this.note(writer.buffer, writer.length);
    this.bench.publishTable();
    this.gateway = this.bench.gateway();
  }

  run(...command: string[]): string {
    return this.runIn(0, ...command);
  }

  runIn(store: number, ...command: string[]): string {
    const [reply] = this.gateway.call({ command, store });
    this.checkLimits();
    return reply;
  }

  /** Fills a store with `count` entries of about `bytes` bytes, in frames; answers the replies that were not OK. */
  fill(count: number, bytes = 100, prefix = 'fill', store = 0): string[] {
    const value = 'x'.repeat(bytes);
    return this.runAll(
      Array.from({ length: count }, (_, i) => ['set', `${prefix}${i}`, value]),
      store,
    ).filter((reply) => reply !== OK);
  }

  runAll(commands: readonly (readonly string[])[], store = 0): string[] {
    const replies: string[] = [];
    for (let i = 0; i < commands.length; i += FRAME) {
      const operations = commands.slice(i, i + FRAME).map((command) => ({ command, store }));
      replies.push(...this.gateway.call(...operations));
      this.checkLimits();
    }
    return replies;
  }

  define(...stores: TableStore[]): void {
    this.bench.stores = stores;
    this.bench.publishTable();
  }

  /** Lets sweeps happen. */
  wait(ms: number): void {
    this.bench.time.advance(ms);
    this.bench.network.settle();
    this.checkLimits();
  }

  store(id = 0) {
    const store = this.host.stores.get(id);
    if (store === undefined) throw new Error(`no store ${id}`);
    return store;
  }

  private checkLimits(): void {
    for (const { engine, share } of this.host.stores.values()) {
      if (share.canShrink) expect(engine.usedBytes).toBeLessThanOrEqual(engine.limitBytes);
    }
    const { memory } = this.host.nodeStores;
    expect(memory.usedBytes).toBeLessThanOrEqual(Math.max(memory.limitBytes, this.usedBytes));
    this.usedBytes = memory.usedBytes;
  }

  private note(buffer: Uint8Array, length: number): void {
    const reader = new EventReader();
    reader.open(buffer, 0, length);
    while (reader.advance()) {
      if (reader.kind !== EVENT_KINDS.entryRemoved || reader.detail !== REMOVAL_CAUSES.evicted) continue;
      this.evicted.push(latin1Text(buffer, reader.bodyOffset + 1, reader.bodyLength - 1));
    }
  }
}
