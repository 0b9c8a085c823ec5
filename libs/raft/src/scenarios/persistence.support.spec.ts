import { MemoryDisk } from '#libs/disk-memory';
import { utf8Bytes } from '#libs/kernel';
import { RaftLogFiles } from '#libs/raft-log';
import { configurationOf, RAFT_BOUNDS, type Entry, type StoredLog } from '../index.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from '../testing/direct-group.support.spec.js';
import { VOTE, type Scenario } from './scenario.support.spec.js';

const FOLDER = 'raft';
const FIRST_SEGMENT = `${FOLDER}/log-0000000000000001.seg`;
const NOTHING = { hardState: undefined, snapshot: undefined, entries: [] };
const FOUNDERS = configurationOf([1, 2, 3]);

/** A member's files, on a disk whose every operation is written down. */
class Files {
  readonly transcript: string[] = [];
  /** From the operation of this name on nothing reaches the disk. */
  powerFailsAt: string | undefined;
  private isDown = false;
  private readonly turns: (() => void)[] = [];
  private readonly disk = new MemoryDisk({
    runLater: (turn) => this.turns.push(turn),
    fault: (operation, path) => {
      this.isDown ||= operation === this.powerFailsAt;
      this.transcript.push(`${operation} ${path}${this.isDown ? '  [the power fails]' : ''}`);
      return this.isDown ? 'io' : undefined;
    },
  });

  say(text: string): void {
    this.transcript.push(`-- ${text}`);
  }

  open(): RaftLogFiles {
    this.isDown = false;
    this.powerFailsAt = undefined;
    // Every entry begins a segment.
    return new RaftLogFiles(this.disk, FOLDER, 40);
  }

  create(): RaftLogFiles {
    const files = this.open();
    this.run((done) => files.load((error) => done(error)));
    this.run((done) => files.create(FOUNDERS, done));
    return files;
  }

  load(): { readonly stored: StoredLog | undefined; readonly error: Error | undefined } {
    this.say('the member starts');
    let answer: { readonly stored: StoredLog | undefined; readonly error: Error | undefined } | undefined;
    this.open().load((error, stored) => (answer = { error, stored }));
    this.turn();
    return answer!;
  }

  run(call: (done: (error: Error | undefined) => void) => void): void {
    call(() => undefined);
    this.turn();
  }

  flip(path: string, offset: number): void {
    this.say(`byte ${offset} of ${path} rots`);
    this.disk.readFile(path, (_, bytes) => {
      const rotten = bytes.slice();
      rotten[offset] ^= 1;
      this.disk.writeFileAtomic(path, rotten, () => undefined);
    });
    this.turn();
  }

  private turn(): void {
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) turn();
  }
}

const entry = (index: number): Entry => ({ index, term: 1, type: 1, version: 1, data: utf8Bytes(`entry ${index}`) });

/** Follower 2 of leader 1 is asked for its vote, and later gets an entry; each time its disk is slow, and it crashes. */
function crashing(reached: 'nothing' | 'saved' | 'sent'): DirectGroup {
  const group = new DirectGroup([1, 2, 3]);
  group.isolate(1, 2, 3);
  group.hanging.add(2);
  group.deliver({ ...VOTE, from: 1, to: 2, term: 1, lastIndex: 0, lastTerm: 0 });
  group.crashAtDisk(2, reached);
  expect(group.status(2)).toMatchObject(reached === 'nothing' ? { term: 0, vote: 0 } : { term: 1, vote: 1 });
  expect(group.sent.filter(({ type }) => type === 'vote-reply')).toHaveLength(reached === 'sent' ? 1 : 0);
  group.say('3 asks for the same term');
  group.deliver({ ...VOTE, from: 3, to: 2, term: 1, lastIndex: 0, lastTerm: 0 });
  expect(group.status(2).vote).toBe(reached === 'nothing' ? 3 : 1);
  group.join();
  group.forget(1, 2, 3);
  group.campaign(1);
  expect(group.status(1).role).toBe('leader');
  group.hanging.add(2);
  group.propose(1, 'a');
  const before = group.sent.length;
  group.crashAtDisk(2, reached);
  const said = group.sent.slice(before).find(({ type, from }) => type === 'append-reply' && from === 2);
  expect(said !== undefined && said.type === 'append-reply' && !said.rejected).toBe(reached === 'sent');
  group.tick(1, 2 * HEARTBEAT_TICKS);
  for (const id of [1, 2, 3]) expect(group.applied.get(id)).toEqual(['a']);
  return group;
}

export const PERSISTENCE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'crash-before-save',
    shows: 'Before anything is saved nothing was promised: a vote may go to another, an entry comes again.',
    play: () => crashing('nothing').transcript,
  },
  {
    name: 'crash-between-save-and-send',
    shows: 'What was saved binds, though nobody was told of it.',
    play: () => crashing('saved').transcript,
  },
  {
    name: 'crash-after-send',
    shows: 'What was sent was saved before.',
    play: () => crashing('sent').transcript,
  },
  {
    name: 'corrupt-middle-entry',
    shows: 'A batch that rots with whole ones behind it is no torn write: the member does not start.',
    play: () => {
      const stage = new Files();
      const files = stage.create();
      for (const index of [1, 2, 3]) {
        stage.say(`entry ${index} is written`);
        stage.run((done) => files.write({ ...NOTHING, entries: [entry(index)] }, done));
      }
      stage.flip(FIRST_SEGMENT, 30);
      const { error } = stage.load();
      expect(error).toMatchObject({ code: 'damaged', path: FIRST_SEGMENT });
      stage.say(`it does not: ${error!.message}`);
      return stage.transcript;
    },
  },
  {
    name: 'crash-between-snapshot-and-release',
    shows: 'A snapshot is durable before any of the log goes; what was left over goes later.',
    play: () => {
      const stage = new Files();
      const files = stage.create();
      for (const index of [1, 2, 3]) stage.run((done) => files.write({ ...NOTHING, entries: [entry(index)] }, done));
      const snapshot = { index: 2, term: 1, configuration: FOUNDERS, data: utf8Bytes('state') };
      stage.say('a snapshot up to 2 is saved, and the log up to 2 may go');
      stage.powerFailsAt = 'remove';
      stage.run((done) => files.saveSnapshot(snapshot, 2, done));
      const { stored, error } = stage.load();
      expect(error).toBeUndefined();
      expect(stored).toMatchObject({ snapshot: { index: 2 } });
      expect(stored!.entries.at(-1)).toMatchObject({ index: 3, term: 1 });
      stage.say(`it has the snapshot up to 2 and the entries up to 3`);
      return stage.transcript;
    },
  },
  {
    name: 'leader-with-hung-disk',
    shows: 'A leader whose disk hangs still leads for a while, then resigns and is replaced; later it follows.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.hanging.add(1);
      group.propose(1, 'x');
      group.say('the others have saved it, so it is committed; 1 does not count itself, and applies nothing');
      expect([1, 2, 3].map((id) => group.applied.get(id))).toEqual([[], ['x'], ['x']]);
      group.tick(1, RAFT_BOUNDS.diskPatienceTimeouts * ELECTION_TICKS - 1);
      expect(group.status(1)).toMatchObject({ role: 'leader', commit: 2 });
      group.tick(1, 1);
      expect(group.status(1).role).toBe('follower');
      group.elect(2);
      expect(group.status(2)).toMatchObject({ role: 'leader', term: 2 });
      group.propose(2, 'b');
      group.finishDisk(1);
      group.tick(2, 2 * HEARTBEAT_TICKS);
      expect(group.status(1)).toMatchObject({ role: 'follower', leader: 2, term: 2 });
      for (const id of [1, 2, 3]) expect(group.applied.get(id)).toEqual(['x', 'b']);
      return group.transcript;
    },
  },
];
