import { utf8Bytes, utf8Text } from '#libs/kernel';
import type { DiskFile } from '#libs/ports';
import { EventQueue } from './event-queue.js';
import { SimDisk, SimStorage } from './sim-disk.js';
import { SimProcess } from './sim-process.js';
import { SimRng } from './sim-rng.js';
import { Trace } from './trace.js';

class Machine {
  readonly queue = new EventQueue();
  readonly storage: SimStorage;
  private readonly rng: SimRng;
  process: SimProcess;
  disk: SimDisk;

  constructor(seed: number) {
    this.rng = new SimRng(seed);
    this.storage = new SimStorage(this.rng.fork('disk'));
    [this.process, this.disk] = this.boot();
  }

  boot(): [SimProcess, SimDisk] {
    const onThrow = (_: string, error: unknown): never => {
      throw error;
    };
    this.process = new SimProcess('p', { queue: this.queue, trace: new Trace(), rng: this.rng, onThrow });
    this.disk = new SimDisk(this.process, this.storage);
    return [this.process, this.disk];
  }

  crash(power: 'kept' | 'lost'): void {
    this.process.kill();
    if (power === 'lost') this.storage.losePower();
    else this.storage.crash();
    this.boot();
  }

  open(path: string): DiskFile {
    let opened: DiskFile | undefined;
    this.disk.open(path, { create: true }, (_, file) => (opened = file));
    this.queue.runFor(100);
    return opened as DiskFile;
  }

  content(path: string): string | undefined {
    let read: string | undefined;
    this.disk.readFile(path, (error, bytes) => (read = error === undefined ? utf8Text(bytes) : undefined));
    this.queue.runFor(100);
    return read;
  }
}

const SEEDS = Array.from({ length: 60 }, (_, i) => i);
const ignore = (): void => undefined;

describe('a disk that crashes', () => {
  it('keeps what was written when only the process dies', () => {
    const machine = new Machine(1);
    machine.open('log').append(utf8Bytes('written'), ignore);
    machine.queue.runFor(100);
    machine.crash('kept');
    expect(machine.content('log')).toBe('written');
  });

  it('loses of what was not synced an arbitrary part, possibly torn, and nothing of what was', () => {
    const contents = new Set<string>();
    for (const seed of SEEDS) {
      const machine = new Machine(seed);
      const file = machine.open('log');
      file.append(utf8Bytes('safe.'), ignore);
      file.sync(ignore);
      file.append(utf8Bytes('lost'), ignore);
      machine.queue.runFor(100);
      machine.crash('lost');
      const content = machine.content('log') as string;
      expect(content.startsWith('safe.')).toBe(true);
      expect(content.length).toBeLessThanOrEqual('safe.lost'.length);
      contents.add(content);
    }
    expect(contents.has('safe.')).toBe(true);
    expect(contents.has('safe.lost')).toBe(true);
    expect([...contents].some((content) => !'safe.lost'.startsWith(content))).toBe(true);
  });

  it('loses a file that was never synced', () => {
    const machine = new Machine(1);
    machine.open('log').append(utf8Bytes('x'), ignore);
    machine.queue.runFor(100);
    machine.crash('lost');
    expect(machine.content('log')).toBeUndefined();
  });

  it('replaces a file as a whole or not at all', () => {
    const contents = new Set<string | undefined>();
    for (const seed of SEEDS) {
      const machine = new Machine(seed);
      machine.disk.writeFileAtomic('state', utf8Bytes('old'), ignore);
      machine.queue.runFor(100);
      let isDone = false;
      machine.disk.writeFileAtomic('state', utf8Bytes('new'), () => (isDone = true));
      machine.queue.runFor(seed % 2 === 0 ? 0 : 100);
      machine.crash('lost');
      const content = machine.content('state');
      if (isDone) expect(content).toBe('new');
      else contents.add(content);
    }
    expect([...contents].sort()).toEqual(['new', 'old']);
  });

  it('fails where a fault says so, without an effect', () => {
    const machine = new Machine(1);
    machine.storage.faults = (operation) => (operation === 'writeFileAtomic' ? 'no-space' : undefined);
    let code: string | undefined;
    machine.disk.writeFileAtomic('state', utf8Bytes('x'), (error) => (code = error?.code));
    machine.queue.runFor(100);
    expect(code).toBe('no-space');
    expect(machine.content('state')).toBeUndefined();
  });

  it('leaves an arbitrary part of an append that fails, where it is told to', () => {
    const contents = SEEDS.map((seed) => {
      const machine = new Machine(seed);
      const file = machine.open('log');
      machine.storage.tearsFailedAppends = true;
      machine.storage.faults = (operation) => (operation === 'append' ? 'no-space' : undefined);
      let code: string | undefined;
      file.append(utf8Bytes('abc'), (error) => (code = error?.code));
      machine.queue.runFor(100);
      expect(code).toBe('no-space');
      return machine.content('log');
    });
    expect([...new Set(contents)].sort()).toEqual(['', 'a', 'ab', 'abc']);
  });

  it('forgets a failed sync with the process, and loses with the power what that should have written', () => {
    const machine = new Machine(1);
    machine.storage.forgetsSyncErrors = true;
    const file = machine.open('log');
    file.append(utf8Bytes('ab'), ignore);
    file.sync(ignore);
    file.append(utf8Bytes('cd'), ignore);
    machine.queue.runFor(100);
    machine.storage.faults = (operation) => (operation === 'sync' ? 'io' : undefined);
    file.sync(ignore);
    machine.queue.runFor(100);
    machine.storage.faults = () => undefined;
    machine.crash('kept');
    let isSynced = false;
    machine.open('log').sync((error) => (isSynced = error === undefined));
    machine.queue.runFor(100);
    expect(isSynced).toBe(true);
    expect(machine.content('log')).toBe('abcd');
    machine.crash('lost');
    expect(machine.content('log')).toBe('ab\0\0');
  });

  it('loses what it only said it had synced', () => {
    const machine = new Machine(1);
    machine.storage.ignoresSyncs = true;
    let isSynced = false;
    const file = machine.open('log');
    file.append(utf8Bytes('x'), ignore);
    file.sync((error) => (isSynced = error === undefined));
    machine.queue.runFor(100);
    expect(isSynced).toBe(true);
    machine.crash('lost');
    expect(machine.content('log')).toBeUndefined();
  });

  it('rots in its oldest segment, where a write that was synced later follows', () => {
    const machine = new Machine(1);
    const file = machine.open('log-1.seg');
    const write = (bytes: number): void => {
      file.append(new Uint8Array(bytes), ignore);
      file.sync(ignore);
      machine.queue.runFor(100);
    };
    expect(machine.storage.rot(0.5)).toBeUndefined();
    write(400);
    expect(machine.storage.rot(0.5)).toBeUndefined();
    write(10);
    file.append(new Uint8Array(500), ignore);
    machine.queue.runFor(100);
    expect(machine.storage.rot(0.99)).toBe('byte 396 of log-1.seg');
    expect([...utf8Bytes(machine.content('log-1.seg') as string)].findIndex((byte) => byte !== 0)).toBe(396);
  });

  it('makes durable what was there when the sync began, whatever comes while it runs', () => {
    const machine = new Machine(5);
    const file = machine.open('log');
    const { storage } = machine;
    const usual = storage.delayMs;
    storage.delayMs = (operation) => (operation === 'sync' ? 50 : usual(operation));
    file.append(utf8Bytes('first,'), ignore);
    let isSynced = false;
    file.sync(() => (isSynced = true));
    file.append(utf8Bytes('second'), ignore);
    machine.queue.runFor(20);
    expect(machine.content('log')).toBe('first,second');
    machine.queue.runFor(100);
    expect(isSynced).toBe(true);
    expect(utf8Text(storage.files.get('log')!.synced)).toBe('first,');
  });

  it('leaves holes in what was not synced, where it is told to', () => {
    let holes = 0;
    for (const seed of SEEDS) {
      const machine = new Machine(seed);
      machine.storage.leavesHoles = true;
      const file = machine.open('log');
      file.append(new Uint8Array(700).fill(1), ignore);
      file.sync(ignore);
      machine.queue.runFor(100);
      file.append(new Uint8Array(3_000).fill(2), ignore);
      machine.queue.runFor(100);
      machine.crash('lost');
      const content = utf8Bytes(machine.content('log') as string);
      expect(content.subarray(0, 700)).toEqual(new Uint8Array(700).fill(1));
      const hole = content.indexOf(0);
      if (hole >= 0 && content.includes(2, hole)) holes++;
    }
    expect(holes).toBeGreaterThan(5);
  });

  it('renames a file or does not, and both names never show it at once', () => {
    const outcomes = new Set<string>();
    for (const seed of SEEDS) {
      const machine = new Machine(seed);
      machine.disk.writeFileAtomic('old', utf8Bytes('x'), ignore);
      machine.queue.runFor(100);
      let isDone = false;
      machine.disk.rename('old', 'new', () => (isDone = true));
      machine.queue.runFor(seed % 2 === 0 ? 0 : 100);
      machine.crash('lost');
      const names = [machine.content('old'), machine.content('new')];
      if (isDone) expect(names).toEqual([undefined, 'x']);
      else outcomes.add(names.join());
    }
    expect([...outcomes].sort()).toEqual([',x', 'x,']);
  });

  it('keeps what was synced also where the file was cut and not synced again', () => {
    const machine = new Machine(3);
    const file = machine.open('log');
    file.append(utf8Bytes('durable'), ignore);
    file.sync(ignore);
    file.truncate(2, ignore);
    machine.queue.runFor(100);
    expect(machine.content('log')).toBe('du');
    machine.crash('lost');
    expect(machine.content('log')).toBe('durable');
  });
});
