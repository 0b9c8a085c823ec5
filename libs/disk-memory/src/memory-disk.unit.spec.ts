import type { DiskError } from '#libs/ports';
import { diskContract } from '#libs/ports-contract';
import { MemoryDisk, type DiskOperation } from './index.js';

/** A fault hook that fails the next operation of one kind. */
function faultOnce(kind: DiskOperation): { arm(): void; fault: (operation: DiskOperation) => 'io' | undefined } {
  let armed = false;
  return {
    arm: () => (armed = true),
    fault: (operation) => {
      if (!armed || operation !== kind) return undefined;
      armed = false;
      return 'io';
    },
  };
}

diskContract('memory', async () => {
  const sync = faultOnce('sync');
  return { disk: new MemoryDisk({ fault: sync.fault }), failNextSync: sync.arm, close: async () => undefined };
});

diskContract('memory with a scheduler that runs the newest first', async () => {
  const sync = faultOnce('sync');
  const scheduled: (() => void)[] = [];
  const disk = new MemoryDisk({ fault: sync.fault, runLater: (operation) => scheduled.push(operation) });
  return {
    disk,
    failNextSync: sync.arm,
    advance: async () => {
      await Promise.resolve();
      // Whole-file operations have no order of their own here, so only open files may be served newest first.
      scheduled.shift()?.();
    },
    close: async () => undefined,
  };
});

describe('MemoryDisk', () => {
  const write = (disk: MemoryDisk, path: string, length: number): Promise<DiskError | undefined> =>
    new Promise((resolve) => disk.writeFileAtomic(path, new Uint8Array(length), (error) => resolve(error)));

  it('answers no-space beyond its capacity and takes freed bytes again', async () => {
    const disk = new MemoryDisk({ capacityBytes: 1_000 });
    expect(await write(disk, 'a', 600)).toBeUndefined();
    expect((await write(disk, 'b', 600))?.code).toBe('no-space');
    expect(disk.usedBytes).toBe(600);
    await new Promise<void>((resolve) => disk.remove('a', () => resolve()));
    expect(await write(disk, 'b', 600)).toBeUndefined();
    expect(disk.usedBytes).toBe(600);
  });

  it('keeps the order of one file under a scheduler that reverses turns', () => {
    const turns: (() => void)[] = [];
    const disk = new MemoryDisk({ runLater: (turn) => turns.push(turn) });
    let content = '';
    disk.open('f', { create: true }, (_, file) => {
      for (const part of ['a', 'b', 'c']) file.append(new TextEncoder().encode(part), () => undefined);
      file.read(0, 10, (__, bytes) => (content = new TextDecoder().decode(bytes)));
    });
    turns.pop()?.();
    while (turns.length > 0) turns.pop()?.();
    expect(content).toBe('abc');
  });

  it('fills up with zeros when it is truncated to more than it has', async () => {
    const disk = new MemoryDisk();
    const bytes = await new Promise<Uint8Array>((resolve) =>
      disk.open('f', { create: true }, (_, file) => {
        file.append(new Uint8Array([1, 2, 3]), () => undefined);
        file.truncate(1, () => undefined);
        file.truncate(4, () => undefined);
        file.read(0, 10, (__, value) => resolve(value));
      }),
    );
    expect([...bytes]).toEqual([1, 0, 0, 0]);
  });

  it('refuses a file below a file', async () => {
    const disk = new MemoryDisk();
    await write(disk, 'a', 1);
    expect((await write(disk, 'a/b', 1))?.code).toBe('io');
    expect(disk.usedBytes).toBe(1);
  });
});
