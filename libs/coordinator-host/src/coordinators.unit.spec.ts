import { storeFromPreset, type ChangeReply, type ClusterChange } from '#libs/cluster';
import { Coordinators, NAMES, SUBJECTS } from './coordinators.support.spec.js';

const MIB = 1024 * 1024;
const RAFT_PREFIX = SUBJECTS.raft(0).slice(0, -1);
const create = (name: string): ClusterChange => ({
  type: 'CreateStore',
  definition: storeFromPreset('general', { name, memoryLimitBytes: MIB }),
});
const storesOf = (world: Coordinators, nodeId: string): string[] => world.table(nodeId).stores.map(({ name }) => name);

describe('founding a group of coordinators', () => {
  it('waits until all of the list are there, then makes one group of all', () => {
    const world = new Coordinators();
    world.start('c1');
    world.start('c2');
    world.run(3000);
    expect(world.leader).toBeUndefined();
    expect(world.host('c1').trouble).toMatch(/no group yet: coordinator "c3" has not been heard/);
    world.start('c3');
    world.until(() => world.leader?.raft?.status.configuration.voters.length === 3);
    expect(world.leader).toBe(world.host('c1'));
    world.until(() => NAMES.every((nodeId) => world.host(nodeId).clusterTable() !== undefined));
    expect(new Set(NAMES.map((nodeId) => world.table(nodeId).clusterId)).size).toBe(1);
    world.run(2000);
    expect(world.table('c3').nodes.map(({ nodeId, status }) => [nodeId, status])).toEqual(
      expect.arrayContaining(NAMES.map((nodeId) => [nodeId, 'up'])),
    );
    expect(NAMES.map((nodeId) => world.host(nodeId).trouble)).toEqual([undefined, undefined, undefined]);
  });

  it('does not happen where the lists differ, which everybody says', () => {
    const world = new Coordinators();
    world.start('c1');
    world.start('c2', { coordinators: ['c2', 'c1', 'c3'] });
    world.start('c3');
    world.run(5000);
    expect(world.leader).toBeUndefined();
    expect(world.host('c1').trouble).toMatch(/coordinator "c2" has another list of coordinators: c2, c1, c3/);
    expect(world.host('c2').trouble).toMatch(/coordinator "c1" has another list of coordinators/);
  });

  it('happens once: a founder that has lost its disk waits to be taken in', () => {
    const world = new Coordinators().formed();
    for (const nodeId of NAMES) world.kill(nodeId);
    world.wipe('c1');
    world.start('c1');
    world.run(1000);
    expect(world.leader).toBeUndefined();
    world.start('c2');
    world.run(1000);
    expect(world.host('c1').trouble).toMatch(/no group yet/);
    world.start('c3');
    world.until(() => world.leader !== undefined);
    world.run(2000);
    expect(world.host('c1').trouble).toMatch(/no group yet/);
  });
});

describe('a second cluster of a name', () => {
  const alone = { foundingListenMs: 300 };

  it('is not founded where a coordinator of the first is there, with or without a leader', () => {
    const world = new Coordinators(alone).formed();
    world.kill('c1');
    world.kill('c2');
    world.run(1000);
    expect(world.leader).toBeUndefined();
    const lone = world.start('x1', { coordinators: ['x1'] });
    world.run(5000);
    expect(lone.isLeading).toBe(false);
    expect(lone.trouble).toMatch(/coordinator "c3" has a group .* \(its id: [0-9a-f]{32}\).* another cluster\.name/);
    expect(world.logOf('x1').matching(/founds no cluster: coordinator "c3" has a group/)).toHaveLength(1);
    world.kill('c3');
    world.run(10_000);
    expect(lone.isLeading).toBe(false);
  });

  it('is founded once by coordinators that start together, also under one node id', () => {
    const world = new Coordinators(alone);
    const lone = ['x1', 'x2'].map((nodeId) => world.start(nodeId, { coordinators: [nodeId] }));
    lone.push(world.start('x3', { nodeId: 'x1', coordinators: ['x1'] }));
    world.run(5000);
    expect(lone.filter(({ isLeading }) => isLeading)).toHaveLength(1);
  });

  it('is not founded by a coordinator without its disk whose cluster has grown', () => {
    const world = new Coordinators(alone);
    world.start('c1', { coordinators: ['c1'] });
    world.run(1000);
    world.start('c2');
    world.start('c3');
    world.until(() => world.leader?.raft?.status.configuration.voters.length === 3);
    world.kill('c1');
    world.wipe('c1');
    const wiped = world.start('c1', { coordinators: ['c1'] });
    world.run(5000);
    expect(wiped.isLeading).toBe(false);
    expect(world.leader).toBeDefined();
  });

  it('waits for the bus before it listens', () => {
    const world = new Coordinators(alone);
    const lone = world.start('x1', { coordinators: ['x1'] });
    world.cut('x1', true);
    world.run(2000);
    expect(lone.isLeading).toBe(false);
    expect(lone.trouble).toMatch(/listens for 300 ms/);
    world.cut('x1', false);
    expect(world.until(() => lone.isLeading)).toBeLessThanOrEqual(500);
  });
});

describe('coordinators that agree', () => {
  it('all have what was changed, and every event with its time', () => {
    const world = new Coordinators().formed();
    const replies = world.change(create('carts'));
    expect(replies).toEqual([{ accepted: true, tableVersion: world.table('c1').tableVersion }]);
    world.run(100);
    for (const nodeId of NAMES) expect(storesOf(world, nodeId)).toEqual(['default', 'carts']);
    const [events, ...others] = NAMES.map((nodeId) => world.events(nodeId));
    for (const other of others) expect(other).toEqual(events);
    expect(events.map(({ index }) => index)).toEqual(events.map((_, at) => at + 1));
    expect(events.at(-1)).toMatchObject({ name: 'StoreDefined', fields: { name: 'carts' } });
  });

  it('give leadership to another within an election timeout or two when the leader dies', () => {
    const world = new Coordinators().formed();
    world.kill('c1');
    expect(world.until(() => world.leader !== undefined)).toBeLessThanOrEqual(600);
    const leader = world.leader;
    expect(world.change(create('carts'))).toMatchObject([{ accepted: true }]);
    world.run(4000);
    expect(leader?.clusterTable()?.nodes.find(({ nodeId }) => nodeId === 'c1')?.status).toBe('down');
    expect(leader?.clusterTable()?.nodes.find(({ nodeId }) => nodeId === 's1')?.status).not.toBe('down');
    world.start('c1');
    world.until(() => world.host('c1').clusterTable()?.stores.length === 2);
    expect(world.leader).toBe(leader);
    world.until(() => world.table('c2').nodes.find(({ nodeId }) => nodeId === 'c1')?.status === 'up');
  });

  it('hand over at once when the leader is stopped in good order', () => {
    const world = new Coordinators().formed();
    world.host('c1').stop(() => undefined);
    expect(world.until(() => world.leader !== undefined)).toBeLessThanOrEqual(100);
  });

  it('refuse changes for want of a quorum, serve the table, and go on when a majority is back', () => {
    const world = new Coordinators().formed();
    const version = world.table('c3').tableVersion;
    world.kill('c1');
    world.kill('c2');
    world.run(600);
    const replies = world.change(create('carts'));
    expect(replies).toEqual([]);
    world.run(490);
    expect(replies).toEqual([]);
    world.run(20);
    expect(replies).toEqual([{ accepted: false, code: 'no-quorum', reason: 'no quorum of coordinators' }]);
    expect(world.host('c3').trouble).toBe('the coordinators have no leader');
    expect(world.host('c3').inbox.onTableRequest()?.length).toBeGreaterThan(0);
    expect(world.table('c3').tableVersion).toBe(version);
    world.start('c1');
    world.until(() => world.leader !== undefined);
    expect(world.change(create('carts'))).toMatchObject([{ accepted: true }]);
  });

  it('answer a change that waits for the election once somebody has won it', () => {
    const world = new Coordinators().formed();
    world.network.rule = ({ subject }) => (subject.startsWith(RAFT_PREFIX) ? 'drop' : 'deliver');
    world.until(() => NAMES.every((nodeId) => !world.host(nodeId).knowsLeader));
    const replies = world.change(create('carts'));
    world.network.rule = () => 'deliver';
    world.until(() => replies.length > 0);
    expect(replies).toMatchObject([{ accepted: true }]);
  });

  it('never answer what a leader without a majority has taken, and carry it out once when it is repeated', () => {
    const world = new Coordinators().formed();
    world.cut('c1', true);
    const request = { clusterId: world.table('c1').clusterId, requestId: 'once', changes: [create('carts')] };
    const lost: unknown[] = [];
    world.host('c1').change(request, (reply) => lost.push(reply));
    world.until(() => world.leader !== undefined);
    const { tableVersion } = world.table('c2');
    const [reply] = world.request('once', create('carts'));
    expect(reply).toMatchObject({ accepted: true });
    world.cut('c1', false);
    world.run(1000);
    expect(lost).toEqual([]);
    for (const nodeId of NAMES) expect(storesOf(world, nodeId)).toEqual(['default', 'carts']);
    expect(world.request('once', create('carts'))).toEqual([reply]);
    expect(world.table('c1').tableVersion).toBeGreaterThan(tableVersion);
  });

  it('bring those that are far behind up to date by a snapshot, history included', () => {
    const raft = {
      electionTimeoutMinMs: 150,
      electionTimeoutMaxMs: 300,
      heartbeatMs: 50,
      compaction: { snapshotEvery: 20, keepEntries: 5 },
    };
    const world = new Coordinators({ raft }).formed();
    world.kill('c3');
    for (let i = 0; i < 60; i++) {
      world.change({ type: 'ChangeSetting', path: 'logging.level', value: i % 2 === 0 ? 'DEBUG' : 'INFO' });
    }
    expect(world.leader?.raft?.status.firstIndex).toBeGreaterThan(20);
    world.start('c3');
    world.until(() => world.host('c3').clusterTable()?.tableVersion === world.table('c1').tableVersion);
    expect(world.host('c3').raft?.counters.snapshotsInstalled).toBe(1);
    expect(world.events('c3')).toEqual(world.events('c1'));
    for (const nodeId of NAMES) world.kill(nodeId);
    for (const nodeId of NAMES) world.start(nodeId);
    world.until(() => world.leader !== undefined);
    world.until(() => NAMES.every((nodeId) => world.events(nodeId).length >= 60));
  });

  it('drop Raft messages that are damaged, or of another group or member, and count them', () => {
    const world = new Coordinators().formed();
    const raftId = world.table('c2').nodes.find(({ nodeId }) => nodeId === 'c2')?.raftId ?? 0;
    const subject = SUBJECTS.raft(raftId);
    const [message] = world.network.payloadsOf(subject);
    const stranger = world.network.bus();
    stranger.publish(subject, message.subarray(1));
    const otherGroup = message.slice();
    otherGroup[13] ^= 1;
    stranger.publish(subject, otherGroup);
    const otherMember = message.slice();
    otherMember[13 + 32 + 4] ^= 1;
    stranger.publish(subject, otherMember);
    world.network.settle();
    expect(world.host('c2').raft?.dropped).toMatchObject({ malformed: 1, 'other-cluster': 1, 'other-member': 1 });
    expect(world.failures).toEqual([]);
  });
});

describe('who may be a coordinator', () => {
  it('refuses one that has lost its disk until it is forgotten, and says why on both sides', () => {
    const world = new Coordinators().formed();
    world.kill('c3');
    world.wipe('c3');
    world.start('c3');
    world.run(5000);
    expect(
      world.logOf('c1').matching(/"c3" is a coordinator of this cluster with another disk: CLUSTER FORGET c3/),
    ).toHaveLength(1);
    expect(
      world.logOf('c3').matching(/the leader refuses this coordinator: "c3" is .* CLUSTER FORGET c3 first/),
    ).toHaveLength(1);
    expect(world.table('c1').nodes.find(({ nodeId }) => nodeId === 'c3')?.status).toBe('down');
    expect(world.change({ type: 'ForgetNode', nodeId: 'c3' })).toMatchObject([{ accepted: true }]);
    world.until(() => world.host('c3').raft?.status.configuration.voters.length === 3);
    expect(world.leader?.raft?.status.configuration.voters).toContain(world.host('c3').raft?.status.id);
    world.until(() => world.table('c3').nodes.find(({ nodeId }) => nodeId === 'c3')?.status === 'up');
  });

  it('lets one be forgotten that lost its disk before the table had it', () => {
    const world = new Coordinators().formed();
    const coordinators = [...NAMES, 'c4'];
    const isListed = (): boolean => world.table('c1').nodes.some(({ nodeId }) => nodeId === 'c4');
    const votersOf = (): readonly number[] => world.leader?.raft?.status.configuration.voters ?? [];
    world.start('c4', { coordinators });
    world.until(() => votersOf().length === 4);
    expect(isListed()).toBe(false);
    world.kill('c4');
    world.wipe('c4');
    world.start('c4', { coordinators });
    world.run(2000);
    expect(world.logOf('c4').matching(/CLUSTER FORGET c4 first/)).toHaveLength(1);
    expect(world.change({ type: 'ForgetNode', nodeId: 'c4' })).toMatchObject([{ accepted: true }]);
    world.until(() => votersOf().includes(world.host('c4').raft?.status.id ?? 0));
    expect(votersOf()).toHaveLength(4);
    world.until(isListed);
  });

  it('takes in one that comes later where its list names somebody who is there', () => {
    const world = new Coordinators().formed();
    world.start('c4', { coordinators: [...NAMES, 'c4'] });
    world.start('c9', { coordinators: ['c8', 'c9'] });
    world.until(() => world.leader?.raft?.status.configuration.voters.length === 4);
    world.run(1000);
    expect(world.host('c9').trouble).toMatch(
      /no group yet: coordinator "c[1-4]" has a group for a cluster of this name/,
    );
    expect(world.logOf('c9').matching(/its list of coordinators \(c8, c9\) names none of this cluster's/)).toHaveLength(
      1,
    );
  });

  it('refuses one of another cluster', () => {
    const world = new Coordinators().formed();
    world.start('x1', { coordinators: ['x1'] });
    world.run(2000);
    expect(world.host('x1').isLeading).toBe(true);
    expect(
      world.logOf('c1').matching(/refused: it belongs to the cluster with id [0-9a-f]{32}, and this is/),
    ).toHaveLength(1);
    expect(world.leader?.raft?.status.configuration.voters).toHaveLength(3);
  });

  it('grows from one to three, and shrinks, but keeps the last one', () => {
    const world = new Coordinators();
    world.start('c1', { coordinators: ['c1'] });
    world.start('c2');
    world.start('c3');
    world.until(() => world.leader?.raft?.status.configuration.voters.length === 3);
    world.until(() => NAMES.every((nodeId) => world.host(nodeId).clusterTable()?.nodes.length === 4));
    for (const nodeId of ['c3', 'c2']) {
      expect(world.change({ type: 'ForgetNode', nodeId })).toMatchObject([{ accepted: true }]);
      world.run(500);
    }
    expect(world.leader?.raft?.status.configuration.voters).toHaveLength(1);
    const [refused] = world.change({ type: 'ForgetNode', nodeId: 'c1' });
    expect(refused).toMatchObject({ accepted: false, reason: expect.stringMatching(/last coordinator that votes/) });
    expect(world.logOf('c2').matching(/"c2" has been forgotten: empty its folder/)).toHaveLength(1);
  });

  it('refuses to forget one that votes where too few of the others are there', () => {
    const world = new Coordinators().formed();
    world.kill('c3');
    world.run(1000);
    const [refused] = world.change({ type: 'ForgetNode', nodeId: 'c2' });
    expect(refused).toMatchObject({
      accepted: false,
      code: 'invalid',
      reason: expect.stringMatching(/^without "c2" too few .* since c3 cannot be heard: .* CLUSTER FORGET it first$/),
    });
    expect(world.change({ type: 'ForgetNode', nodeId: 'c3' })).toMatchObject([{ accepted: true }]);
    expect(world.change({ type: 'ForgetNode', nodeId: 'c2' })).toMatchObject([{ accepted: true }]);
    world.run(2000);
    expect(world.leader?.raft?.status.configuration.voters).toHaveLength(1);
    expect(world.change(create('carts'))).toMatchObject([{ accepted: true }]);
  });

  it('keeps the last one of those that are forgotten at a time, by one request or by several', () => {
    const world = new Coordinators().formed();
    const [all] = world.change(...NAMES.map((nodeId): ClusterChange => ({ type: 'ForgetNode', nodeId })));
    expect(all).toMatchObject({ accepted: false, reason: expect.stringMatching(/"c1", "c2", "c3": the last/) });
    const { clusterId } = world.table('c1');
    const replies: Record<string, ChangeReply> = {};
    for (const nodeId of ['c2', 'c3', 'c1']) {
      const changes: ClusterChange[] = [{ type: 'ForgetNode', nodeId }];
      world.host('c1').change({ clusterId, requestId: nodeId, changes }, (reply) => (replies[nodeId] = reply));
    }
    world.run(2000);
    expect(replies).toMatchObject({ c1: { accepted: false }, c2: { accepted: true }, c3: { accepted: true } });
    expect(world.leader).toBe(world.host('c1'));
    expect(world.change(create('carts'))).toMatchObject([{ accepted: true }]);
  });

  it('does not take in again a leader that has been forgotten', () => {
    const world = new Coordinators().formed();
    expect(world.leader).toBe(world.host('c1'));
    expect(world.change({ type: 'ForgetNode', nodeId: 'c1' })).toMatchObject([{ accepted: true }]);
    world.run(5000);
    expect(world.leader?.raft?.status.configuration.voters).toHaveLength(2);
    expect(world.table('c2').nodes.map(({ nodeId }) => nodeId)).not.toContain('c1');
    const names = world.events('c2').map(({ name, fields }) => `${name} ${(fields as Record<string, string>).nodeId}`);
    expect(names.slice(names.indexOf('NodeForgotten c1'))).not.toContain('NodeJoined c1');
  });

  it('ends one that has been forgotten, which answers nobody any more', () => {
    const world = new Coordinators().formed();
    for (const nodeId of ['c3', 'c2']) {
      expect(world.change({ type: 'ForgetNode', nodeId })).toMatchObject([{ accepted: true }]);
      world.run(1000);
      expect(world.failures.splice(0)).toEqual([
        expect.stringMatching(`"${nodeId}" has been forgotten: empty its folder`),
      ]);
      const { inbox, trouble } = world.host(nodeId);
      expect(trouble).toMatch(/the coordinator has failed: this coordinator ends/);
      expect(inbox.onTableRequest()).toBeUndefined();
      expect(world.events(nodeId)).toEqual([]);
    }
    expect(world.change(create('carts'))).toMatchObject([{ accepted: true }]);
  });

  it('leaves changes of other clusters to their own coordinators', () => {
    const world = new Coordinators().formed();
    const replies: ChangeReply[] = [];
    const request = { clusterId: '0'.repeat(32), requestId: 'r', changes: [create('carts')] };
    for (const nodeId of NAMES) world.host(nodeId).change(request, (reply) => replies.push(reply));
    world.run(2000);
    expect(replies).toEqual([]);
    expect(world.logOf('c1').matching(/changes of another cluster was left unanswered/)).toHaveLength(1);
  });
});
