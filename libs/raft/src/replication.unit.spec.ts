import { crc32 } from '#libs/kernel';
import { RAFT_BOUNDS } from './bounds.js';
import type { Append, Message } from './index.js';
import { MemoryLogStorage, RaftNode, configurationOf } from './index.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from './testing/direct-group.support.spec.js';

const appends = (sent: readonly Message[]): Append[] => sent.filter((m): m is Append => m.type === 'append');

describe('replication', () => {
  it('§3.5: what a majority has is committed and applied everywhere, in order', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(3);
    for (const command of ['a', 'b', 'c']) group.propose(1, command);
    expect(group.applied.get(1)).toEqual(['a', 'b', 'c']);
    group.isolate(2, 3);
    group.propose(1, 'd');
    expect(group.applied.get(1)).toEqual(['a', 'b', 'c']);
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    for (const id of [1, 2, 3]) expect(group.applied.get(id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('§3.5: a follower replaces what differs from the leader, and nothing that is the same', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.propose(1, 'a');
    group.isolate(1);
    for (const command of ['x', 'y', 'z']) group.propose(1, command);
    group.elect(2);
    group.propose(2, 'b');
    group.join();
    group.tick(2, HEARTBEAT_TICKS);
    expect(group.applied.get(1)).toEqual(['a', 'b']);
    expect(group.status(1).lastIndex).toBe(group.status(2).lastIndex);
  });

  it('§5.3 of the paper: the place where logs part is found in one step per term', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(1);
    for (let i = 0; i < 50; i++) group.propose(1, `x${i}`);
    group.elect(2);
    for (let i = 0; i < 50; i++) group.propose(2, `y${i}`);
    group.join();
    const before = group.sent.length;
    group.tick(2, HEARTBEAT_TICKS);
    const rejections = group.sent.slice(before).filter((m) => m.type === 'append-reply' && m.rejected);
    expect(rejections.length).toBeLessThanOrEqual(2);
    expect(group.applied.get(1)).toHaveLength(50);
  });

  it('§3.5: an append that comes late shortens nothing', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.propose(1, 'a');
    const old = appends(group.sent)
      .filter(({ to, entries }) => to === 2 && entries.length > 0)
      .at(-1)!;
    group.isolate(3);
    group.propose(1, 'b');
    group.deliver(old);
    expect(group.status(2)).toMatchObject({ lastIndex: 3, commit: 3 });
  });

  it('§3.6.2: copies of an old term’s entry commit nothing before an entry of this term', () => {
    const storages = [1, 2, 3].map(() => new MemoryLogStorage(configurationOf([1, 2, 3])));
    storages[0].hardState = { term: 2, vote: 1 };
    storages[0].append([{ index: 1, term: 2, type: 1, version: 1, data: new Uint8Array(1) }]);
    const node = new RaftNode({ id: 1, storage: storages[0], rng: { nextU32: () => 0 } });
    node.campaign();
    node.step({ type: 'vote-reply', from: 2, to: 1, term: 3, pre: true, granted: true });
    node.step({ type: 'vote-reply', from: 2, to: 1, term: 3, pre: false, granted: true });
    expect(node.status).toMatchObject({ role: 'leader', term: 3, lastIndex: 2 });
    const reply = {
      type: 'append-reply',
      from: 2,
      to: 1,
      term: 3,
      rejected: false,
      hintIndex: 0,
      hintTerm: 0,
    } as const;
    node.step({ ...reply, index: 1 });
    expect(node.status.commit).toBe(0);
    storages[0].append(node.ready().entries);
    node.advance();
    node.step({ ...reply, index: 2 });
    expect(node.status.commit).toBe(2);
  });

  it('§10.2.1: a leader counts its own copy once its disk has it', () => {
    const node = new RaftNode({
      id: 1,
      storage: new MemoryLogStorage(configurationOf([1])),
      rng: { nextU32: () => 0 },
    });
    node.campaign();
    expect(node.status).toMatchObject({ role: 'leader', commit: 0 });
    expect(node.ready()).toMatchObject({ mustSync: true, committed: [] });
  });

  it('sends appends without waiting, within a window of messages and bytes', () => {
    const group = new DirectGroup([1, 2], { maxInflightMessages: 3, maxAppendBytes: 20 });
    group.elect(1);
    group.allow = (message) => message.type !== 'append';
    const before = group.sent.length;
    for (let i = 0; i < 10; i++) group.propose(1, 'abcd');
    expect(appends(group.sent.slice(before))).toHaveLength(3);
    group.join();
    group.tick(1, 2 * HEARTBEAT_TICKS);
    expect(group.applied.get(2)).toHaveLength(10);
  });

  it('fills appends up to their bound', () => {
    const group = new DirectGroup([1, 2], { maxAppendBytes: 60 });
    group.elect(1);
    group.isolate(2);
    for (let i = 0; i < 9; i++) group.propose(1, 'abcd');
    group.join();
    const before = group.sent.length;
    group.tick(1, HEARTBEAT_TICKS);
    const sizes = appends(group.sent.slice(before)).map(({ entries }) => entries.length);
    expect(Math.max(...sizes)).toBe(3);
    expect(group.applied.get(2)).toHaveLength(9);
  });

  it('hands out committed entries up to a bound at a time', () => {
    const group = new DirectGroup([1, 2], { maxCommittedBytes: 1 });
    group.elect(1);
    group.allow = ({ type }) => type !== 'append-reply';
    for (const command of ['a', 'b', 'c']) group.propose(1, command);
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.applied.get(1)).toEqual(['a', 'b', 'c']);
  });

  it('refuses proposals beyond the uncommitted bytes, too large ones, and those to others', () => {
    const group = new DirectGroup([1, 2], { maxUncommittedBytes: 100 });
    group.elect(1);
    group.isolate(2);
    expect(group.node(1).propose(new Uint8Array(1_000), 1).ok).toBe(true);
    expect(group.node(1).propose(new Uint8Array(1), 1)).toMatchObject({ ok: false, reason: 'busy' });
    expect(group.node(2).propose(new Uint8Array(1), 1)).toEqual({ ok: false, reason: 'not-leader', leader: 1 });
    const large = new Uint8Array(RAFT_BOUNDS.maxEntryBytes + 1);
    expect(group.node(1).propose(large, 1)).toMatchObject({
      reason: 'too-large',
      problem: expect.stringContaining('524289'),
    });
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.node(1).propose(new Uint8Array(1), 1).ok).toBe(true);
  });

  it('drops messages beyond the bound of those that wait for the disk', () => {
    const group = new DirectGroup([1, 2]);
    const node = group.node(2);
    const heartbeat = { type: 'heartbeat', from: 1, to: 2, term: 1, commit: 0, round: 1, tick: 1 } as const;
    for (let i = 0; i <= RAFT_BOUNDS.maxOutboxMessages; i++) node.step(heartbeat);
    expect(node.counters.overflows).toBe(1);
    expect(node.ready().messages).toHaveLength(RAFT_BOUNDS.maxOutboxMessages);
  });

  it('drops appends beyond the bytes that wait for the disk', () => {
    const node = new DirectGroup([1, 2]).node(2);
    const data = new Uint8Array(RAFT_BOUNDS.maxEntryBytes);
    const most = Math.ceil(RAFT_BOUNDS.maxUnstableBytes / RAFT_BOUNDS.maxEntryBytes) + 1;
    for (let index = 1; index <= most; index++) {
      const append = { type: 'append', from: 1, to: 2, term: 1, prevIndex: index - 1, commit: 0 } as const;
      const entries = [{ index, term: 1, type: 1, version: 1, data }] as const;
      node.step({ ...append, prevTerm: index === 1 ? 0 : 1, entries });
    }
    expect(node.status.lastIndex).toBe(most - 1);
    expect(node.counters.overflows).toBe(1);
  });

  it('keeps what was replaced while its write was under way out of the durable part', () => {
    const storage = new MemoryLogStorage(configurationOf([1, 2, 3]));
    const node = new RaftNode({ id: 2, storage, rng: { nextU32: () => 0 } });
    const entry = (index: number, term: number) =>
      ({ index, term, type: 1, version: 1, data: new Uint8Array(1) }) as const;
    const append = { type: 'append', to: 2, prevIndex: 0, prevTerm: 0, commit: 0 } as const;
    node.step({ ...append, from: 1, term: 1, entries: [entry(1, 1), entry(2, 1)] });
    const first = node.ready();
    node.step({ ...append, from: 3, term: 2, entries: [entry(1, 2)] });
    storage.append(first.entries);
    node.advance();
    expect(node.status.lastIndex).toBe(1);
    expect(node.ready().entries).toEqual([entry(1, 2)]);
  });
});

describe('snapshots', () => {
  function withLate(options = {}): DirectGroup {
    const group = new DirectGroup([1, 2, 3], { snapshotChunkBytes: 4, ...options });
    group.elect(1);
    group.isolate(3);
    for (const command of ['alpha', 'beta', 'gamma']) group.propose(1, command);
    group.compact(1);
    return group;
  }

  it('§5.3: one who is behind the log gets a snapshot in chunks, then the log', () => {
    const group = withLate();
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.applied.get(3)).toEqual(['alpha', 'beta', 'gamma']);
    expect(group.node(3).counters.snapshotsInstalled).toBe(1);
    expect(group.sent.filter(({ type }) => type === 'snapshot').length).toBeGreaterThan(3);
    group.propose(1, 'delta');
    expect(group.applied.get(3)).toEqual(['alpha', 'beta', 'gamma', 'delta']);
    group.start(3);
    expect(group.status(3)).toMatchObject({ commit: 4, firstIndex: 5 });
  });

  it('goes on where chunks were lost', () => {
    const group = withLate();
    let chunks = 0;
    group.allow = ({ type }) => type !== 'snapshot' || ++chunks % 3 !== 0;
    for (let i = 0; i < 10; i++) group.tick(1, HEARTBEAT_TICKS);
    expect(group.applied.get(3)).toEqual(['alpha', 'beta', 'gamma']);
    const offsets = group.sent.flatMap((m) => (m.type === 'snapshot' ? [m.offset] : []));
    expect(offsets.filter((offset) => offset === 0).length).toBeLessThanOrEqual(2);
  });

  it('goes on under another leader that has the same snapshot', () => {
    const group = withLate();
    group.compact(2);
    let chunks = 0;
    group.allow = ({ type }) => type !== 'snapshot' || ++chunks <= 2;
    group.tick(1, HEARTBEAT_TICKS);
    group.isolate(1);
    const before = group.sent.length;
    group.elect(2);
    for (let i = 0; i < 3; i++) group.tick(2, HEARTBEAT_TICKS);
    expect(group.applied.get(3)).toEqual(['alpha', 'beta', 'gamma']);
    const offsets = group.sent.slice(before).flatMap((m) => (m.type === 'snapshot' ? [m.offset] : []));
    expect(offsets.slice(0, 2)).toEqual([0, 8]);
  });

  it('is given up where nothing is taken, and begun again with the newest', () => {
    const group = withLate();
    group.allow = ({ type, to }) => type !== 'snapshot-reply' && (type !== 'snapshot' || to !== 3);
    group.tick(1, ELECTION_TICKS * (RAFT_BOUNDS.snapshotPatienceTimeouts + 2));
    expect(group.node(1).counters.snapshotsAbandoned).toBe(1);
    group.propose(1, 'delta');
    group.compact(1);
    group.join();
    group.tick(1, ELECTION_TICKS * (RAFT_BOUNDS.snapshotPatienceTimeouts + 2));
    expect(group.applied.get(3)).toEqual(['alpha', 'beta', 'gamma', 'delta']);
  });

  it('§5.3: one whose log has the snapshot’s last entry keeps its log', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(2);
    group.propose(1, 'a');
    // Nobody tells 3 what is committed after this.
    group.allow = (m) => m.to !== 2 && (m.type !== 'append' || m.entries.length > 0);
    group.propose(1, 'b');
    group.propose(1, 'c');
    expect(group.status(3)).toMatchObject({ commit: 3, lastIndex: 4 });
    const data = new Uint8Array([97]);
    const configuration = configurationOf([1, 2, 3]);
    const head = { index: 4, term: 1, configuration, totalBytes: 1, checksum: crc32(data) };
    group.deliver({ type: 'snapshot', from: 1, to: 3, term: 1, head, offset: 0, data });
    expect(group.status(3)).toMatchObject({ commit: 4, firstIndex: 1 });
    expect(group.node(3).counters.snapshotsInstalled).toBe(0);
    expect(group.applied.get(3)).toEqual(['a', 'b', 'c']);
  });

  it('is refused where it is damaged or too large', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    const head = { index: 9, term: 1, configuration: configurationOf([1, 2, 3]), totalBytes: 1, checksum: 1 };
    const chunk = { type: 'snapshot', from: 1, to: 3, term: 1, offset: 0, data: new Uint8Array(1) } as const;
    group.deliver({ ...chunk, head });
    expect(group.node(3).counters.snapshotsDamaged).toBe(1);
    expect(group.sent.at(-1)).toMatchObject({ type: 'snapshot-reply', nextOffset: 0 });
    group.deliver({ ...chunk, head: { ...head, totalBytes: RAFT_BOUNDS.maxSnapshotBytes + 1 } });
    expect(group.node(3).counters.contradictions).toBe(1);
    expect(group.status(3).commit).toBe(1);
  });

  it('is not taken twice of the same state', () => {
    const group = withLate();
    expect(group.node(1).snapshotOf(new Uint8Array(1))).toBeUndefined();
    expect(() => group.node(1).snapshotOf(new Uint8Array(RAFT_BOUNDS.maxSnapshotBytes + 1))).toThrow('too large');
  });
});
