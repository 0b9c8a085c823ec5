import fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiskCallback, DiskError, DiskFile } from '#libs/ports';
import { diskContract } from '#libs/ports-contract';
import { FilesDisk, type FileSystemCalls } from './index.js';

type FsyncCall = FileSystemCalls['fsync'];

/** node:fs with an fsync that can be told to fail once, as a disk does after which the kernel forgets the pages, or to wait. */
function breakableCalls(): {
  calls: FileSystemCalls;
  failNextSync(): void;
  holdNextSync(): () => void;
  syncs(): number;
} {
  let broken = false;
  let syncs = 0;
  let isHolding = false;
  let held: (() => void) | undefined;
  const holdNextSync = (): (() => void) => {
    isHolding = true;
    return () => held?.();
  };
  const fsync = ((fd: number, done: fs.NoParamCallback) => {
    syncs++;
    // A folder's sync, as creating a file brings, is not the one that is meant.
    if (isHolding && fs.fstatSync(fd).isFile()) {
      isHolding = false;
      held = () => fs.fsync(fd, done);
      return;
    }
    if (!broken) return fs.fsync(fd, done);
    broken = false;
    setImmediate(() => done(Object.assign(new Error('i/o error'), { code: 'EIO', syscall: 'fsync' })));
  }) as FsyncCall;
  return { calls: { ...fs, fsync }, failNextSync: () => (broken = true), holdNextSync, syncs: () => syncs };
}

const folders: string[] = [];
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hc-disk-'));
  folders.push(folder);
  return folder;
}

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

diskContract('files', async () => {
  const folder = join(await temporaryFolder(), 'root');
  const { calls, failNextSync, holdNextSync } = breakableCalls();
  return {
    disk: new FilesDisk(folder, { calls }),
    reopen: () => new FilesDisk(folder),
    failNextSync,
    holdNextSync,
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

describe('FilesDisk', () => {
  const errorOf = <T>(call: (done: DiskCallback<T>) => void): Promise<DiskError | undefined> =>
    new Promise((resolve) => call((error) => resolve(error)));
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('keeps the failure of a sync when the file is opened anew, until it is removed', async () => {
    const { calls, failNextSync } = breakableCalls();
    const disk = new FilesDisk(await temporaryFolder(), { calls });
    const openAndSync = (): Promise<DiskError | undefined> =>
      errorOf<void>((done) =>
        disk.open('f', { create: true }, (_, file) => file.sync((e) => file.close(() => done(e)))),
      );
    expect(await openAndSync()).toBeUndefined();
    await new Promise<void>((resolve) =>
      disk.open('f', { create: true }, (_, file) => {
        failNextSync();
        file.sync(() => file.close(() => resolve()));
      }),
    );
    expect((await openAndSync())?.code).toBe('io');
    expect(await errorOf<void>((done) => disk.remove('f', done))).toBeUndefined();
    expect(await openAndSync()).toBeUndefined();
  });

  it('keeps the old content and no temporary file when a replacement cannot be synced', async () => {
    const folder = await temporaryFolder();
    const { calls, failNextSync } = breakableCalls();
    const disk = new FilesDisk(folder, { calls });
    await errorOf<void>((done) => disk.writeFileAtomic('f', bytes('old'), done));
    failNextSync();
    expect((await errorOf<void>((done) => disk.writeFileAtomic('f', bytes('new'), done)))?.code).toBe('io');
    expect(await readFile(join(folder, 'f'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['f']);
    expect(await errorOf<void>((done) => disk.writeFileAtomic('f', bytes('new'), done))).toBeUndefined();
  });

  it('syncs the file and its folder before it answers, and new folders up to the root', async () => {
    const { calls, syncs } = breakableCalls();
    const disk = new FilesDisk(await temporaryFolder(), { calls });
    await errorOf<void>((done) => disk.writeFileAtomic('a/b/f', bytes('x'), done));
    expect(syncs()).toBe(4);
    await errorOf<void>((done) => disk.writeFileAtomic('a/b/f', bytes('y'), done));
    expect(syncs()).toBe(6);
  });

  it('overwrites and hides what a crash left of a replacement', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'f.hc-tmp'), 'a torn replacement, longer than the next one');
    const disk = new FilesDisk(folder);
    expect(await new Promise((resolve) => disk.list('', (_, names) => resolve(names)))).toEqual([]);
    await errorOf<void>((done) => disk.writeFileAtomic('f', bytes('x'), done));
    expect(await readFile(join(folder, 'f'), 'utf8')).toBe('x');
    expect(await readdir(folder)).toEqual(['f']);
  });

  it('answers no-space on a full device', async () => {
    if (!fs.existsSync('/dev/full')) return;
    const folder = await temporaryFolder();
    await symlink('/dev/full', join(folder, 'full'));
    const disk = new FilesDisk(folder);
    const error = await errorOf<void>((done) =>
      disk.open('full', { create: false }, (_, file) => file.append(bytes('x'), (e) => file.close(() => done(e)))),
    );
    expect(error?.code).toBe('no-space');
    expect(error?.path).toBe('full');
  });

  it('answers the error of an append that is made inline', async () => {
    const writeSync = (): number => {
      throw Object.assign(new Error('disk full'), { code: 'ENOSPC', syscall: 'write' });
    };
    const nothing = (() => 0) as FileSystemCalls['writeSync'];
    for (const [call, code] of [
      [writeSync as FileSystemCalls['writeSync'], 'no-space'],
      [nothing, 'io'],
    ] as const) {
      const disk = new FilesDisk(await temporaryFolder(), { calls: { ...fs, writeSync: call } });
      const error = await errorOf<void>((done) =>
        disk.open('f', { create: true, appends: 'inline' }, (_, file) => file.append(bytes('x'), done)),
      );
      expect(error?.code).toBe(code);
    }
  });

  it('makes an append inline where nothing is under way, and in the background beside a sync or where it is large', async () => {
    const { calls, holdNextSync } = breakableCalls();
    let inline = 0;
    const writeSync = ((fd: number, data: Uint8Array, from: number, length: number) => {
      inline++;
      return fs.writeSync(fd, data, from, length);
    }) as FileSystemCalls['writeSync'];
    const folder = await temporaryFolder();
    const disk = new FilesDisk(folder, { calls: { ...calls, writeSync } });
    const file = await new Promise<DiskFile>((resolve) =>
      disk.open('f', { create: true, appends: 'inline' }, (_, opened) => resolve(opened)),
    );
    const append = (content: Uint8Array): Promise<unknown> => errorOf<void>((done) => file.append(content, done));
    await append(bytes('a'));
    expect(inline).toBe(1);
    const release = holdNextSync();
    const synced = errorOf<void>((done) => file.sync(done));
    await append(bytes('b'));
    expect(inline).toBe(1);
    release();
    await synced;
    await append(new Uint8Array(1024 * 1024));
    expect(inline).toBe(1);
    await append(bytes('c'));
    expect(inline).toBe(2);
    const content = await readFile(join(folder, 'f'));
    expect([content.length, content[0], content[1], content.at(-1)]).toEqual([1024 * 1024 + 3, 97, 98, 99]);
    await errorOf<void>((done) => file.close(done));
  });

  it('takes the failure of a sync along to a new name', async () => {
    const { calls, failNextSync } = breakableCalls();
    const disk = new FilesDisk(await temporaryFolder(), { calls });
    const syncOf = (path: string): Promise<DiskError | undefined> =>
      errorOf<void>((done) =>
        disk.open(path, { create: true }, (_, file) => file.sync((e) => file.close(() => done(e)))),
      );
    await syncOf('a');
    await new Promise<void>((resolve) =>
      disk.open('a', { create: true }, (_, file) => {
        failNextSync();
        file.sync(() => file.close(() => resolve()));
      }),
    );
    await errorOf<void>((done) => disk.rename('a', 'b', done));
    expect((await syncOf('b'))?.code).toBe('io');
    expect(await syncOf('a')).toBeUndefined();
    await errorOf<void>((done) => disk.rename('a', 'b', done));
    expect(await syncOf('b')).toBeUndefined();
  });

  it('goes on where the system takes or gives only a part', async () => {
    const write = ((fd: number, data: Uint8Array, from: number, length: number, position: null, done: never) =>
      fs.write(fd, data, from, Math.min(length, 3), position, done)) as unknown as FileSystemCalls['write'];
    const read = ((fd: number, data: Uint8Array, from: number, length: number, position: number, done: never) =>
      fs.read(fd, data, from, Math.min(length, 2), position, done)) as unknown as FileSystemCalls['read'];
    const disk = new FilesDisk(await temporaryFolder(), { calls: { ...fs, write, read } });
    const content = await new Promise<Uint8Array>((resolve) =>
      disk.open('f', { create: true }, (_, file) => {
        file.append(bytes('0123456789'), () => undefined);
        file.read(1, 8, (__, value) => file.close(() => resolve(value)));
      }),
    );
    expect(new TextDecoder().decode(content)).toBe('12345678');
  });

  it('refuses more operations than its bound', async () => {
    const disk = new FilesDisk(await temporaryFolder(), { maxQueuedOperations: 2 });
    const codes = await new Promise<(string | undefined)[]>((resolve) =>
      disk.open('f', { create: true }, async (_, file) => {
        const appends = [1, 2, 3, 4, 5].map((n) => errorOf<void>((done) => file.append(bytes(`${n}`), done)));
        const errors = await Promise.all(appends);
        file.close(() => resolve(errors.map((error) => error?.code)));
      }),
    );
    expect(codes).toEqual([undefined, undefined, undefined, 'io', 'io']);
    const writes = [1, 2, 3, 4].map((n) => errorOf<void>((done) => disk.writeFileAtomic('g', bytes(`${n}`), done)));
    expect((await Promise.all(writes)).map((error) => error?.code)).toEqual([undefined, undefined, undefined, 'io']);
  });
});
