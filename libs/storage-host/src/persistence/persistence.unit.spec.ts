/** A storage node that keeps its entries: over restarts, while its disk fails, and as partitions come and go. */
import { storeFromPreset } from '#libs/cluster';
import { MemoryDisk } from '#libs/disk-memory';
import { errorText } from '#libs/kernel';
import type { DiskErrorCode } from '#libs/ports';
import { DEFAULT_STORE, MIB, StorageBench } from '../storage-bench.support.spec.js';

const PERSISTENCE = { sync: 'everysec', segmentBytes: MIB, checkpointBytes: 64 * MIB } as const;
const REFUSED = `-${errorText('LOG_REFUSES')}\r\n`;
const UNKNOWN = `-${errorText('LOG_FAILED')}\r\n`;

/** One node and its disk, whose answers come with the turns of the bench; processes end without a word. */
class Rig {
  readonly bench: StorageBench;
  fault: (operation: string, path: string) => DiskErrorCode | undefined = () => undefined;
  /** Answers of the disk that a test holds back. */
  readonly held: (() => void)[] = [];
  isHolding = false;
  readonly disk: MemoryDisk;

  constructor(readonly settings: { readonly checkpointBytes?: number; readonly sync?: 'always' | 'everysec' } = {}) {
    this.bench = new StorageBench();
    this.disk = this.diskOf();
    this.start();
    this.bench.publishTable();
  }

  diskOf(): MemoryDisk {
    return new MemoryDisk({
      runLater: (turn) => {
        if (this.isHolding) this.held.push(turn);
        else this.bench.time.endOfTurn(turn);
      },
      fault: (operation, path) => this.fault(operation, path),
    });
  }

  start(nodeId = 's1', disk = this.disk) {
    return this.bench.node(nodeId, { persistence: { ...PERSISTENCE, ...this.settings } }, disk);
  }

  /** Another process takes the node's place, as the coordinator sees it: with a new epoch. */
  restart(): void {
    this.bench.hosts.get('s1')?.stop(() => undefined);
    this.bench.network.settle();
    this.kill();
  }

  kill(): void {
    this.bench.kill('s1');
    this.start();
    this.bench.partitions.forEach((each) => each.owner === 's1' && each.epoch++);
    this.bench.publishTable();
  }

  call(...commands: readonly (readonly string[])[]): string[] {
    return this.bench.gateway('s1', 100 + this.bench.tableVersion, `g${++gateways}`).call(...commands);
  }

  release(): void {
    this.isHolding = false;
    for (const turn of this.held.splice(0)) turn();
    this.bench.network.settle();
  }
}

let gateways = 0;
const get = (key: string): readonly string[] => ['get', key];
const text = (value: string): string => `$${value.length}\r\n${value}\r\n`;

describe('a storage node that keeps its entries', () => {
  it('has them again after its process was killed', () => {
    const rig = new Rig();
    rig.bench.stores = [DEFAULT_STORE, { ...DEFAULT_STORE, id: 1, name: 'other' }];
    rig.bench.publishTable();
    const keys = Array.from({ length: 300 }, (_, i) => `key${i}`);
    rig.call(...keys.map((key) => ['set', key, `value of ${key}`]));
    rig.call(
      ['del', 'key1'],
      ['set', 'key2', 'new', 'PX', '50000'],
      ['append', 'key3', ' and more'],
      ['persist', 'key2'],
    );
    rig.call(['expire', 'key4', '100'], ['getdel', 'key5'], ['incr', 'counter'], ['incr', 'counter']);
    const gateway = rig.bench.gateway('s1', 7, 'other');
    gateway.call({ command: ['set', 'a', '1'], store: 1 }, { command: ['set', 'b', '2'], database: 5 });
    rig.kill();
    expect(rig.call(...['key0', 'key1', 'key2', 'key3', 'key5', 'counter'].map(get))).toEqual([
      text('value of key0'),
      '$-1\r\n',
      text('new'),
      text('value of key3 and more'),
      '$-1\r\n',
      text('2'),
    ]);
    expect(rig.call(['ttl', 'key2'], ['ttl', 'key4'], ['ttl', 'key6'])).toEqual([':-1\r\n', ':100\r\n', ':-1\r\n']);
    const again = rig.bench.gateway('s1', 8, 'again');
    const epoch = 2;
    expect(
      again.call({ command: ['get', 'a'], store: 1, epoch }, { command: ['get', 'b'], database: 5, epoch }),
    ).toEqual([text('1'), text('2')]);
    expect(rig.bench.hosts.get('s1')?.stores.get(0)?.engine.stats().entries).toBe(300);
  });

  it('has them again after it was stopped, and after a second start', () => {
    const rig = new Rig();
    rig.call(['set', 'a', '1'], ['set', 'b', '1']);
    rig.restart();
    rig.call(['set', 'b', '2'], ['flushdb'], ['set', 'c', '3']);
    rig.restart();
    expect(rig.call(get('c'))).toEqual([text('3')]);
  });

  it('brings expired entries back as what they are', () => {
    const rig = new Rig();
    rig.call(['set', 'short', '1', 'PX', '1000'], ['set', 'long', '1', 'PX', '100000']);
    rig.bench.time.advance(5_000);
    rig.kill();
    expect(rig.call(get('short'), get('long'))).toEqual(['$-1\r\n', text('1')]);
  });

  it('takes checkpoints, which shorten its log and hold all that was in it', () => {
    const rig = new Rig({ checkpointBytes: 256 * 1024 });
    const value = 'x'.repeat(1000);
    for (let round = 0; round < 12; round++) {
      rig.call(...Array.from({ length: 100 }, (_, i) => ['set', `key${i}`, `${round}${value}`]));
      rig.call(['del', `key${round}`]);
      rig.bench.time.advance(200);
    }
    rig.bench.time.advance(1_000);
    expect(rig.disk.usedBytes).toBeLessThan(1_000_000);
    rig.call(['set', 'last', '1']);
    rig.kill();
    expect(rig.call(get('key11'), get('key12'), get('last'))).toEqual(['$-1\r\n', text(`11${value}`), text('1')]);
    expect(rig.bench.hosts.get('s1')?.stores.get(0)?.engine.stats().entries).toBe(100);
    // A checkpoint of what was recovered is as good.
    for (let round = 0; round < 6; round++) {
      rig.call(...Array.from({ length: 100 }, (_, i) => ['set', `more${i}`, `${round}${value}`]));
      rig.bench.time.advance(1_000);
    }
    rig.kill();
    expect(rig.call(get('key12'), get('more99'), get('last'))).toEqual([
      text(`11${value}`),
      text(`5${value}`),
      text('1'),
    ]);
  });

  it('answers once the log has what the answer tells of, reads included', () => {
    const rig = new Rig();
    const gateway = rig.bench.gateway('s1', 9, 'slow');
    rig.isHolding = true;
    expect(gateway.call(['set', 'a', '1'])).toEqual([]);
    expect(gateway.call(['get', 'a'])).toEqual([]);
    rig.release();
    expect(gateway.replies.map(({ text: reply }) => reply)).toEqual(['+OK\r\n', text('1')]);
  });

  it('refuses writes while its disk is full, answers reads, and goes on once there is space', () => {
    const rig = new Rig();
    rig.call(['set', 'before', '1'], ['set', 'fleeting', '1', 'PX', '60']);
    rig.fault = (operation, path) => (operation === 'append' && path.endsWith('.log') ? 'no-space' : undefined);
    expect(rig.call(['set', 'during', '1'])).toEqual([UNKNOWN]);
    expect(rig.call(['set', 'refused', '1'], get('before'), ['del', 'before'])).toEqual([REFUSED, text('1'), REFUSED]);
    expect(rig.bench.hosts.get('s1')?.notices()).toEqual([errorText('LOG_REFUSES')]);
    rig.bench.time.advance(100);
    expect(rig.call(get('fleeting'), get('before'))).toEqual(['$-1\r\n', text('1')]);
    rig.fault = () => undefined;
    rig.bench.time.advance(20_000);
    expect(rig.call(['set', 'after', '1'])).toEqual(['+OK\r\n']);
    expect(rig.bench.hosts.get('s1')?.notices()).toEqual([]);
    rig.kill();
    expect(rig.call(get('before'), get('refused'), get('after'), get('fleeting'))).toEqual([
      text('1'),
      '$-1\r\n',
      text('1'),
      '$-1\r\n',
    ]);
  });

  it('acknowledges nothing that a failed sync may have lost, and makes its log whole again', () => {
    const rig = new Rig({ sync: 'always' });
    rig.call(['set', 'before', '1']);
    rig.fault = (operation, path) => (operation === 'sync' && path.endsWith('.log') ? 'io' : undefined);
    expect(rig.call(['set', 'during', '1'])).toEqual([UNKNOWN]);
    expect(rig.call(['set', 'refused', '1'])).toEqual([REFUSED]);
    rig.fault = () => undefined;
    rig.bench.time.advance(30_000);
    expect(rig.call(['set', 'after', '1'])).toEqual(['+OK\r\n']);
    rig.kill();
    expect(rig.call(get('before'), get('after'))).toEqual([text('1'), text('1')]);
  });

  it('keeps a partition that has moved here, and drops one that has moved away', () => {
    const rig = new Rig();
    const disk2 = rig.diskOf();
    rig.start('s2', disk2);
    rig.bench.publishTable();
    const key = rig.bench.keyIn(2);
    rig.call(['set', key, '1'], ['set', rig.bench.keyIn(1), '1']);
    rig.bench.plan(2, { movingTo: 's2', moveId: 10 });
    rig.bench.publishTable();
    rig.bench.plan(2, { owner: 's2', epoch: 2, movingTo: undefined });
    rig.bench.publishTable();
    rig.bench.kill('s2');
    rig.start('s2', disk2);
    rig.bench.plan(2, { epoch: 3 });
    rig.kill();
    const gateway = rig.bench.gateway('s2', 5, 'two');
    expect(gateway.call({ command: ['get', key], epoch: 3 })).toEqual([text('1')]);
    expect(rig.bench.hosts.get('s1')?.stores.get(0)?.engine.count(2)).toBe(0);
    expect(rig.bench.hosts.get('s1')?.stores.get(0)?.engine.count(1)).toBe(1);
  });

  it('waits for the table that counts its process before it decides what is still its own', () => {
    const rig = new Rig();
    const key = rig.bench.keyIn(2);
    rig.call(['set', key, '1']);
    rig.bench.kill('s1');
    const host = rig.start();
    rig.bench.publishTable(() => 1);
    expect(host.stores.get(0)?.engine.count(2)).toBe(1);
    rig.bench.partitions[2].epoch++;
    rig.bench.publishTable();
    expect(rig.call(get(key))).toEqual([text('1')]);
  });

  it('saves what a new store is before anything happens in it', () => {
    const rig = new Rig();
    rig.isHolding = true;
    rig.bench.stores = [DEFAULT_STORE, { id: 5, ...storeFromPreset('session', { name: 'sessions' }) }];
    rig.bench.publishTable();
    expect(rig.bench.hosts.get('s1')?.stores.has(5)).toBe(false);
    rig.bench.stores = [...rig.bench.stores, { ...DEFAULT_STORE, id: 6, name: 'third' }];
    rig.bench.publishTable();
    rig.release();
    expect([...(rig.bench.hosts.get('s1')?.stores.keys() ?? [])]).toEqual([0, 5, 6]);
    rig.bench.gateway('s1', 7, 'six').call({ command: ['set', 'a', '1'], store: 6 });
    rig.kill();
    const again = rig.bench.gateway('s1', 8, 'again');
    expect(again.call({ command: ['get', 'a'], store: 6, epoch: 2 })).toEqual([text('1')]);
  });

  it('does not start with a table that does not read, nor with a log and no table', () => {
    const rig = new Rig();
    rig.call(['set', 'a', '1']);
    const start = (change: (bytes: Uint8Array) => Uint8Array | undefined): string | undefined => {
      let bytes: Uint8Array = new Uint8Array(0);
      rig.disk.readFile('stores.table', (_, value) => (bytes = value));
      rig.bench.network.settle();
      const changed = change(bytes.slice());
      if (changed === undefined) rig.disk.remove('stores.table', () => undefined);
      else rig.disk.writeFileAtomic('stores.table', changed, () => undefined);
      rig.bench.network.settle();
      rig.bench.kill('s1');
      rig.start();
      return rig.bench.startErrors.pop()?.message;
    };
    expect(start((bytes) => bytes.with(9, bytes[9] ^ 1))).toMatch(/stores\.table .* its checksum differs/);
    expect(start(() => undefined)).toMatch(/without a table of the stores/);
  });
});
