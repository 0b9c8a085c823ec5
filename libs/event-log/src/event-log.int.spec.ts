// The log over real files: what a process has acknowledged is there for the next one, whatever the file system does with it.
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesDisk } from '#libs/disk-files';
import { EventLog, type EventLogOptions, type RecoveryReport, type SyncPolicy } from './index.js';
import { FOLDER, Heard, numbersIn, range, records, segmentPath, STORE, Visited } from './log-rig.support.spec.js';

const folders: string[] = [];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hc-event-log-'));
  folders.push(folder);
  return folder;
}

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** One process's log. */
class Node {
  readonly heard = new Heard();
  readonly visited = new Visited();
  readonly log: EventLog;
  report!: RecoveryReport;

  constructor(folder: string, options: Partial<EventLogOptions> = {}) {
    const preset = { folder: FOLDER, policy: 'always' as const, newLogId: 4711 };
    this.log = new EventLog(new FilesDisk(folder), { ...preset, ...options }, this.heard);
  }

  open(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.log.open(this.visited, 'refuse', (error, report) => {
        this.report = report;
        if (error === undefined) resolve(this);
        else reject(error);
      });
    });
  }

  /** Appends batches of one record and waits until they are acknowledged. */
  async append(numbers: readonly number[], bodyBytes = 100): Promise<void> {
    let ticket = 0;
    for (const number of numbers) {
      const bytes = records([number], bodyBytes);
      ticket = this.log.append(bytes, 0, bytes.length, 1_000 + number, 0);
    }
    await this.until(() => this.heard.durable >= ticket);
  }

  checkpoint(numbers: readonly number[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const writer = this.log.beginCheckpoint(
        () => {
          writer.shard({ storeId: STORE, partition: 0, group: 1, epoch: 1, sequence: numbers.at(-1) ?? 0 });
          const bytes = records(numbers, 100);
          writer.records(bytes, 0, bytes.length);
          writer.shardEnd();
          writer.finish();
        },
        (error) => (error === undefined ? resolve() : reject(error)),
      )!;
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.log.close((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(['always', 'everysec', 'no'] as const)('a log in files, appendfsync %s', (policy: SyncPolicy) => {
  it.each(['inline', 'background'] as const)('keeps what it has acknowledged, appending %s', async (appends) => {
    const folder = await temporaryFolder();
    const options = { policy, appends, segmentBytes: 20_000 };
    const first = await new Node(folder, options).open();
    expect(first.report).toMatchObject({ isNew: true });
    await first.append(range(1, 300));
    // Its process ends here, without a word.
    const second = await new Node(folder, options).open();
    expect(second.visited.log).toEqual(range(1, 300));
    expect(second.report).toMatchObject({ batches: 300, endedCleanly: false, cut: undefined });
    await second.append(range(301, 400));
    await second.checkpoint(range(1, 400));
    await second.append(range(401, 450));
    await second.close();
    const third = await new Node(folder, options).open();
    expect(third.report).toMatchObject({ checkpoint: 1, endedCleanly: true });
    expect(third.visited.shards[0].numbers).toEqual(range(1, 400));
    expect(third.visited.log.filter((number) => number > 400)).toEqual(range(401, 450));
    await third.close();
  });
});

describe('a log in files', () => {
  it('cuts its torn end, and refuses damage before it with the place', async () => {
    const folder = await temporaryFolder();
    const node = await new Node(folder).open();
    for (const number of range(1, 20)) await node.append([number]);
    const path = join(folder, segmentPath(1));
    const { size } = await stat(path);
    await truncate(path, size - 10);
    const next = await new Node(folder).open();
    expect(next.visited.log).toEqual(range(1, 19));
    expect(next.report.cut).toMatchObject({ path: segmentPath(1) });
    await next.append([20]);
    await next.close();
    const bytes = await readFile(path);
    bytes[500] ^= 1;
    await writeFile(path, bytes);
    await expect(new Node(folder).open()).rejects.toMatchObject({ code: 'damaged', path: segmentPath(1), offset: 352 });
  });

  it('is read by a reader while it is written', async () => {
    const folder = await temporaryFolder();
    const node = await new Node(folder, { policy: 'no', segmentBytes: 5_000 }).open();
    const reader = node.log.reader(1)!;
    const found: number[] = [];
    const visitor = {
      onLogRecords: (buffer: Uint8Array, offset: number, length: number) =>
        void found.push(...numbersIn(buffer, offset, length)),
      onGap: () => undefined,
    };
    const readOn = (): Promise<boolean> =>
      new Promise((resolve, reject) =>
        reader.read(visitor, (error, isAtEnd) => (error === undefined ? resolve(isAtEnd) : reject(error))),
      );
    for (const from of [1, 101, 201]) {
      await node.append(range(from, from + 99));
      while (!(await readOn()));
      expect(found).toEqual(range(1, from + 99));
    }
    reader.close();
    await node.close();
  });

  it('takes a batch of many mebibytes beside small ones', async () => {
    const folder = await temporaryFolder();
    const node = await new Node(folder, { segmentBytes: 100_000 }).open();
    await node.append([1]);
    await node.append([2], 12_000_000);
    await node.append([3]);
    await node.close();
    expect((await new Node(folder).open()).visited.log).toEqual([1, 2, 3]);
  });
});
