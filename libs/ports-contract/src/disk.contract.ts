import { DiskError, type Disk, type DiskCallback, type DiskFile } from '#libs/ports';

/** What a suite needs of an implementation. */
export interface DiskHarness {
  /** An empty disk. */
  readonly disk: Disk;
  /** A second disk over the same storage, as after a restart of the process; undefined where nothing outlives it. */
  reopen?(): Disk;
  /** Makes exactly the next sync of an open file fail with an `io` error. */
  failNextSync(): void;
  /** Makes the next sync of an open file last until what is answered is called; undefined where syncs take no time. */
  holdNextSync?(): () => void;
  /** Moves a simulated disk on; called again and again while the suite waits. */
  advance?(): Promise<void> | void;
  close(): Promise<void>;
}

interface Outcome<T> {
  readonly error: DiskError | undefined;
  readonly value: T;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** The behaviour that every disk shares. */
export function diskContract(name: string, makeHarness: () => Promise<DiskHarness>): void {
  describe(`disk contract: ${name}`, () => {
    let harness: DiskHarness;

    /** Runs one completion-style call, and checks that it does not answer before it returns, nor twice. */
    async function outcomeOf<T>(call: (done: DiskCallback<T>) => void): Promise<Outcome<T>> {
      let answers = 0;
      let outcome: Outcome<T> | undefined;
      let wake: () => void = () => undefined;
      const woken = new Promise<void>((resolve) => (wake = resolve));
      call((error, value) => {
        answers++;
        outcome = { error, value };
        wake();
      });
      expect(answers).toBe(0);
      if (harness.advance) while (answers === 0) await harness.advance();
      await woken;
      expect(answers).toBe(1);
      return outcome as unknown as Outcome<T>;
    }

    async function valueOf<T>(call: (done: DiskCallback<T>) => void): Promise<T> {
      const { error, value } = await outcomeOf(call);
      if (error) throw error;
      return value;
    }

    async function codeOf<T>(call: (done: DiskCallback<T>) => void): Promise<string | undefined> {
      const { error } = await outcomeOf(call);
      if (error) expect(error).toBeInstanceOf(DiskError);
      return error?.code;
    }

    const open = (path: string, create = true): Promise<DiskFile> =>
      valueOf((done) => harness.disk.open(path, { create }, done));
    const openInline = (path: string): Promise<DiskFile> =>
      valueOf((done) => harness.disk.open(path, { create: true, appends: 'inline' }, done));
    const append = (file: DiskFile, content: string): Promise<void> =>
      valueOf((done) => file.append(bytes(content), done));
    const read = async (file: DiskFile, offset: number, length: number): Promise<string> =>
      text(await valueOf((done) => file.read(offset, length, done)));
    const contentOf = async (disk: Disk, path: string): Promise<string> =>
      text(await valueOf((done) => disk.readFile(path, done)));
    const write = (path: string, content: string): Promise<void> =>
      valueOf((done) => harness.disk.writeFileAtomic(path, bytes(content), done));
    const list = (folder: string): Promise<readonly string[]> => valueOf((done) => harness.disk.list(folder, done));

    beforeEach(async () => {
      harness = await makeHarness();
    });

    afterEach(() => harness.close());

    describe('open files', () => {
      it('appends at the end and reads ranges', async () => {
        const file = await open('log/segment-1');
        await append(file, 'hello ');
        await append(file, 'world');
        expect(file.path).toBe('log/segment-1');
        expect(await read(file, 0, 11)).toBe('hello world');
        expect(await read(file, 6, 3)).toBe('wor');
        expect(await valueOf((done) => file.size(done))).toBe(11);
        await valueOf((done) => file.close(done));
      });

      it('reads fewer bytes at the end of the file, and none behind it', async () => {
        const file = await open('short');
        await append(file, 'abc');
        expect(await read(file, 2, 100)).toBe('c');
        expect(await read(file, 3, 1)).toBe('');
        expect(await read(file, 1_000, 10)).toBe('');
        expect(await read(file, 1, 64 * 1024 * 1024)).toBe('bc');
      });

      it('carries out operations on one file in the order of the calls', async () => {
        const file = await open('ordered');
        const order: number[] = [];
        const appended = Array.from({ length: 50 }, (_, i) =>
          valueOf<void>((done) =>
            file.append(bytes(`${i},`), (error, value) => {
              order.push(i);
              done(error, value);
            }),
          ),
        );
        const lateRead = read(file, 0, 1_000);
        const cut = valueOf<void>((done) => file.truncate(4, done));
        const lateSize = valueOf<number>((done) => file.size(done));
        await Promise.all([...appended, cut]);
        expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i));
        expect(await lateRead).toBe(`${order.join(',')},`);
        expect(await lateSize).toBe(4);
      });

      it('carries out appends that are made inline in their order, among all other operations', async () => {
        const file = await openInline('inline');
        const order: string[] = [];
        const noted = (name: string, call: (done: DiskCallback) => void): Promise<Outcome<void>> =>
          outcomeOf<void>((done) =>
            call((error) => {
              order.push(name);
              done(error, undefined);
            }),
          );
        const calls = [
          noted('a', (done) => file.append(bytes('a'), done)),
          noted('b', (done) => file.append(bytes('b'), done)),
          noted('sync', (done) => file.sync(done)),
          noted('c', (done) => file.append(bytes('c'), done)),
          noted('cut', (done) => file.truncate(2, done)),
          noted('d', (done) => file.append(bytes('d'), done)),
        ];
        for (const { error } of await Promise.all(calls)) expect(error).toBeUndefined();
        expect(order.filter((name) => name !== 'sync')).toEqual(['a', 'b', 'c', 'cut', 'd']);
        expect(await read(file, 0, 10)).toBe('abd');
        await valueOf((done) => file.close(done));
        expect(await codeOf((done) => file.append(bytes('e'), done))).toBe('closed');
      });

      it.each([open, openInline])('lets what comes after a sync go on while it runs', async (openFile) => {
        const release = harness.holdNextSync?.();
        if (release === undefined) return;
        const file = await openFile('held');
        const order: string[] = [];
        const noted = (name: string, call: (done: DiskCallback) => void): Promise<void> =>
          valueOf<void>((done) =>
            call((error) => {
              order.push(name);
              done(error, undefined);
            }),
          );
        const first = noted('append', (done) => file.append(bytes('x'), done));
        const syncs = [noted('sync 1', (done) => file.sync(done)), noted('sync 2', (done) => file.sync(done))];
        await Promise.all([first, noted('later', (done) => file.append(bytes('y'), done))]);
        expect(await read(file, 0, 10)).toBe('xy');
        const closed = noted('close', (done) => file.close(done));
        expect(order).toEqual(['append', 'later']);
        release();
        await Promise.all([...syncs, closed]);
        expect(order).toEqual(['append', 'later', 'sync 1', 'sync 2', 'close']);
      });

      it('truncates, and appends after the cut', async () => {
        const file = await open('cut');
        await append(file, '0123456789');
        await valueOf((done) => file.truncate(4, done));
        await append(file, 'x');
        expect(await read(file, 0, 100)).toBe('0123x');
      });

      it('keeps what was written when the file is opened again', async () => {
        const first = await open('again');
        await append(first, 'one ');
        await valueOf((done) => first.sync(done));
        await valueOf((done) => first.close(done));
        const second = await open('again', false);
        await append(second, 'two');
        expect(await contentOf(harness.disk, 'again')).toBe('one two');
      });

      it('answers not-found for a missing file unless it is to be created', async () => {
        expect(await codeOf((done) => harness.disk.open('none', { create: false }, done))).toBe('not-found');
        expect(await codeOf((done) => harness.disk.open('no/folder/none', { create: false }, done))).toBe('not-found');
        expect(await list('')).toEqual([]);
      });

      it('carries out what was asked for before close, and answers closed to the rest', async () => {
        const file = await open('closing');
        const before = outcomeOf<void>((done) => file.append(bytes('kept'), done));
        const closed = outcomeOf<void>((done) => file.close(done));
        const after = outcomeOf<void>((done) => file.append(bytes('lost'), done));
        expect((await before).error).toBeUndefined();
        expect((await closed).error).toBeUndefined();
        expect((await after).error?.code).toBe('closed');
        expect(await codeOf((done) => file.read(0, 1, done))).toBe('closed');
        expect(await codeOf((done) => file.sync(done))).toBe('closed');
        expect(await codeOf((done) => file.size(done))).toBe('closed');
        expect(await codeOf((done) => file.truncate(0, done))).toBe('closed');
        expect(await codeOf((done) => file.close(done))).toBe('closed');
        expect(await contentOf(harness.disk, 'closing')).toBe('kept');
      });

      it('lets an open file outlive its name', async () => {
        const file = await open('unlinked');
        await append(file, 'still here');
        await valueOf((done) => harness.disk.remove('unlinked', done));
        await append(file, '!');
        expect(await read(file, 0, 100)).toBe('still here!');
        expect(await codeOf((done) => harness.disk.readFile('unlinked', done))).toBe('not-found');
      });

      it('never answers success to a sync once one has failed', async () => {
        const file = await open('broken');
        await append(file, 'data');
        harness.failNextSync();
        const first = await outcomeOf<void>((done) => file.sync(done));
        expect(first.error?.code).toBe('io');
        for (let attempt = 0; attempt < 3; attempt++) {
          expect((await outcomeOf<void>((done) => file.sync(done))).error).toBe(first.error);
        }
        const other = await open('healthy');
        expect(await codeOf((done) => other.sync(done))).toBeUndefined();
      });
    });

    describe('whole files', () => {
      it('writes, replaces and reads a file', async () => {
        await write('state/vote', 'first');
        await write('state/vote', '2nd');
        expect(await contentOf(harness.disk, 'state/vote')).toBe('2nd');
        await write('empty', '');
        expect(await contentOf(harness.disk, 'empty')).toBe('');
      });

      it('carries out replacements of one file in the order of the calls', async () => {
        await Promise.all(Array.from({ length: 20 }, (_, i) => write('raced', `version ${i}`)));
        expect(await contentOf(harness.disk, 'raced')).toBe('version 19');
        expect(await list('')).toEqual(['raced']);
      });

      it('leaves a file that is open alone when its name gets another content', async () => {
        await write('replaced', 'old');
        const file = await open('replaced', false);
        await write('replaced', 'new');
        expect(await read(file, 0, 10)).toBe('old');
      });

      it('answers not-found for a missing file', async () => {
        expect(await codeOf((done) => harness.disk.readFile('none', done))).toBe('not-found');
      });

      it('removes a file, and a missing one without an error', async () => {
        await write('gone', 'x');
        await valueOf((done) => harness.disk.remove('gone', done));
        await valueOf((done) => harness.disk.remove('gone', done));
        await valueOf((done) => harness.disk.remove('never/there', done));
        expect(await codeOf((done) => harness.disk.readFile('gone', done))).toBe('not-found');
      });

      it('gives a file another name, in place of the one that had it', async () => {
        await write('aside/old', 'kept');
        await write('new', 'replaced');
        await valueOf((done) => harness.disk.rename('aside/old', 'new', done));
        expect(await contentOf(harness.disk, 'new')).toBe('kept');
        expect(await list('aside')).toEqual([]);
        await valueOf((done) => harness.disk.rename('new', 'fresh/folder/name', done));
        expect(await contentOf(harness.disk, 'fresh/folder/name')).toBe('kept');
        await valueOf((done) => harness.disk.rename('fresh/folder/name', 'fresh/folder/name', done));
        expect(await contentOf(harness.disk, 'fresh/folder/name')).toBe('kept');
      });

      it('lets an open file keep its content over renames, and leaves all as it was where they fail', async () => {
        await write('target', 'old');
        const file = await open('target', false);
        await write('source', 'new');
        await valueOf((done) => harness.disk.rename('source', 'target', done));
        expect(await read(file, 0, 10)).toBe('old');
        expect(await codeOf((done) => harness.disk.rename('none', 'target', done))).toBe('not-found');
        await write('folder/f', 'x');
        expect(await codeOf((done) => harness.disk.rename('target', 'folder', done))).toBe('io');
        expect(await contentOf(harness.disk, 'target')).toBe('new');
      });

      it('is found again after a restart', async () => {
        if (!harness.reopen) return;
        await write('kept/one', 'durable');
        const file = await open('kept/two');
        await append(file, 'synced');
        await valueOf((done) => file.sync(done));
        const disk = harness.reopen();
        expect(await contentOf(disk, 'kept/one')).toBe('durable');
        expect(await contentOf(disk, 'kept/two')).toBe('synced');
      });
    });

    describe('folders', () => {
      it('lists names sorted, without what lies deeper', async () => {
        for (const path of ['f/b', 'f/a', 'f/deep/c', 'g']) await write(path, path);
        expect(await list('f')).toEqual(['a', 'b', 'deep']);
        expect(await list('f/deep')).toEqual(['c']);
        expect(await list('')).toEqual(['f', 'g']);
      });

      it('takes a missing folder for an empty one', async () => {
        expect(await list('nowhere')).toEqual([]);
        expect(await list('no/where')).toEqual([]);
      });

      it('answers io where a file stands for a folder, or a folder for a file', async () => {
        await write('f/a', 'x');
        expect(await codeOf((done) => harness.disk.list('f/a', done))).toBe('io');
        expect(await codeOf((done) => harness.disk.remove('f', done))).toBe('io');
        expect(await codeOf((done) => harness.disk.writeFileAtomic('f', bytes('x'), done))).toBe('io');
        expect(await contentOf(harness.disk, 'f/a')).toBe('x');
      });
    });

    describe('paths', () => {
      const badPaths = ['', '/', '/etc/passwd', '..', '../x', 'a/../../x', 'a/..', './a', 'a//b', 'a/', 'a\0b', 'a\\b'];
      it.each(badPaths)('refuses %j', async (path) => {
        const { disk } = harness;
        expect(await codeOf((done) => disk.open(path, { create: true }, done))).toBe('invalid-path');
        expect(await codeOf((done) => disk.readFile(path, done))).toBe('invalid-path');
        expect(await codeOf((done) => disk.writeFileAtomic(path, bytes('x'), done))).toBe('invalid-path');
        expect(await codeOf((done) => disk.remove(path, done))).toBe('invalid-path');
        expect(await codeOf((done) => disk.rename(path, 'b', done))).toBe('invalid-path');
        expect(await codeOf((done) => disk.rename('b', path, done))).toBe('invalid-path');
        if (path !== '') expect(await codeOf((done) => disk.list(path, done))).toBe('invalid-path');
      });
    });
  });
}
