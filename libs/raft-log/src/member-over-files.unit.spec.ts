// Raft nodes whose state lies in files: what a Ready says goes to the disk, and a restart begins with what that has.
import { MemoryDisk } from '#libs/disk-memory';
import { utf8Bytes, utf8Text } from '#libs/kernel';
import type { Disk } from '#libs/ports';
import {
  configurationOf,
  ENTRY_TYPES,
  isSnapshotDue,
  MemoryLogStorage,
  RaftNode,
  type Message,
  type Ready,
  type Snapshot,
  type StoredLog,
} from '#libs/raft';
import { RaftLogFiles } from './index.js';

const IDS = [1, 2, 3];
const POLICY = { snapshotEvery: 10, keepEntries: 2 };

class Member {
  node!: RaftNode;
  applied: string[] = [];
  private readonly turns: (() => void)[] = [];
  private readonly disk: Disk = new MemoryDisk({ runLater: (turn) => this.turns.push(turn) });
  private files!: RaftLogFiles;
  private storage!: MemoryLogStorage;

  constructor(private readonly id: number) {
    this.start();
  }

  /** Whatever was in memory is gone. */
  start(): void {
    this.files = new RaftLogFiles(this.disk, `member-${this.id}`);
    const load = (): StoredLog | undefined => this.wait<StoredLog | undefined>((done) => this.files.load(done));
    let stored = load();
    if (stored === undefined) {
      this.wait<void>((done) => this.files.create(configurationOf(IDS), done));
      this.files = new RaftLogFiles(this.disk, `member-${this.id}`);
      stored = load();
    }
    this.storage = MemoryLogStorage.from(stored!);
    this.restore(this.storage.snapshot);
    this.node = new RaftNode({
      id: this.id,
      storage: this.storage,
      rng: { nextU32: () => this.id * 3 },
      electionTicks: 10,
    });
  }

  /** Does what the node wants done; answers the messages that may leave now. */
  work(): readonly Message[] {
    const ready = this.node.ready();
    if (ready.mustSync) this.wait<void>((done) => this.files.write(ready, done));
    this.remember(ready);
    for (const { type, data } of ready.committed) {
      if (type === ENTRY_TYPES.COMMAND) this.applied.push(utf8Text(data));
    }
    this.node.advance();
    this.compact();
    return ready.messages;
  }

  private remember({ hardState, snapshot, entries }: Ready): void {
    if (hardState !== undefined) this.storage.hardState = hardState;
    if (snapshot !== undefined) {
      this.storage.install(snapshot);
      this.restore(snapshot);
    }
    this.storage.append(entries);
  }

  private compact(): void {
    if (!isSnapshotDue(this.node.status.applied, this.storage.snapshot.index, POLICY)) return;
    const snapshot = this.node.snapshotOf(utf8Bytes(this.applied.join(',')))!;
    const compactTo = snapshot.index - POLICY.keepEntries;
    this.wait<void>((done) => this.files.saveSnapshot(snapshot, compactTo, done));
    this.storage.save(snapshot);
    this.storage.compact(compactTo);
  }

  private restore({ data }: Snapshot): void {
    this.applied = data.length === 0 ? [] : utf8Text(data).split(',');
  }

  private wait<T>(call: (done: (error: Error | undefined, value: T) => void) => void): T {
    const answers: T[] = [];
    call((error, value) => {
      if (error !== undefined) throw error;
      answers.push(value);
    });
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) turn();
    return answers[0];
  }
}

describe('members over files', () => {
  const members = new Map(IDS.map((id) => [id, new Member(id)]));
  const down = new Set<number>();

  function settle(): void {
    const network: Message[] = [];
    for (;;) {
      for (const [id, member] of members) {
        while (!down.has(id) && member.node.hasReady()) network.push(...member.work());
      }
      const message = network.shift();
      if (message === undefined) return;
      if (!down.has(message.to)) members.get(message.to)!.node.step(message);
    }
  }

  function tick(count: number): void {
    for (let i = 0; i < count; i++) {
      for (const [id, member] of members) if (!down.has(id)) member.node.tick();
      settle();
    }
  }

  it('have everything that was applied, through restarts of each and of all', () => {
    const expected: string[] = [];
    for (let round = 0; round < 12; round++) {
      const id = IDS[round % IDS.length];
      down.add(id);
      tick(30);
      const leader = [...members.values()].find(
        ({ node }) => node.status.role === 'leader' && !down.has(node.status.id),
      )!;
      for (let i = 0; i < 7; i++) {
        expect(leader.node.propose(utf8Bytes(`${round}.${i}`), 1).ok).toBe(true);
        expected.push(`${round}.${i}`);
        settle();
      }
      expect(leader.applied).toEqual(expected);
      members.get(id)!.start();
      down.delete(id);
      if (round % 4 === 3) for (const member of members.values()) member.start();
    }
    tick(60);
    for (const member of members.values()) expect(member.applied).toEqual(expected);
  });
});
