import {
  storeFromPreset,
  decodeHeartbeat,
  decodeMoveFinished,
  encodeMoveFinishedReply,
  type MoveFinished,
} from '#libs/cluster';
import { encodeEntryBody, VALUE_TYPE } from '#libs/engine';
import { EVENT_HEADER_BYTES, EVENT_KINDS, EventBatch } from '#libs/events';
import { ByteWriter, latin1Bytes } from '#libs/kernel';
import {
  beginMoveFrame,
  decodeMoveAck,
  encodeMoveAck,
  finishMoveFrame,
  FRAME_TYPES,
  MOVE_KINDS,
  type MoveHeader,
  readFrameType,
  readMoveHeader,
} from '#libs/wire';
import type { StorageOptions } from './options.js';
import { PRESSURE_LEVELS } from './pressure-levels.js';
import { DEFAULT_STORE, MIB, StorageBench, SUBJECTS } from './storage-bench.support.spec.js';

/** Two nodes, of which the first serves everything; reports of moves are kept and accepted. */
function twoNodes(options: Partial<StorageOptions> = {}, maxPayloadBytes = MIB) {
  const bench = new StorageBench(4, maxPayloadBytes);
  const source = bench.node('s1', options);
  const target = bench.node('s2', options);
  const reports: MoveFinished[] = [];
  const isAnswering = { value: true };
  bench.coordinator.subscribe(SUBJECTS.moveFinished, ({ payload, replyTo }) => {
    reports.push(decodeMoveFinished(payload));
    const reply = encodeMoveFinishedReply({ accepted: true, reason: '', tableVersion: bench.tableVersion });
    if (replyTo !== undefined && isAnswering.value) bench.coordinator.publish(replyTo, reply);
  });
  bench.publishTable();
  const beginMove = (partition: number, moveId = 10): void => {
    bench.plan(partition, { movingTo: 's2', moveId });
    bench.publishTable();
  };
  const finishMove = (partition: number): void => {
    bench.plan(partition, { owner: 's2', epoch: bench.partitions[partition].epoch + 1, movingTo: undefined });
    bench.publishTable();
  };
  const abortMove = (partition: number): void => {
    bench.plan(partition, { movingTo: undefined });
    bench.publishTable();
  };
  return {
    bench,
    source,
    target,
    reports,
    isAnswering,
    beginMove,
    finishMove,
    abortMove,
    network: bench.network,
    time: bench.time,
  };
}

describe('a move', () => {
  it('makes sessions no younger', () => {
    const { bench, source, target, beginMove, finishMove, time } = twoNodes();
    bench.stores = [{ id: 0, ...storeFromPreset('session', { name: 'default', idleTtlMs: 0, maxTtlMs: 60_000 }) }];
    bench.publishTable();
    const key = bench.keyIn(2);
    bench.gateway('s1').call(['set', key, 'v'], ['expire', key, '50']);
    time.advance(20_000);
    beginMove(2);
    finishMove(2);
    expect(source.stores.get(0)?.engine.count(2)).toBe(0);
    expect(target.stores.get(0)?.engine.count(2)).toBe(1);
    const gateway = bench.gateway('s2');
    expect(gateway.call({ command: ['pttl', key], epoch: 2 })).toEqual([':30000\r\n']);
    gateway.call({ command: ['set', key, 'a longer value'], epoch: 2 });
    expect(gateway.call({ command: ['pttl', key], epoch: 2 })).toEqual([':40000\r\n']);
  });

  it('keeps when entries were created and changed', () => {
    const { bench, beginMove, finishMove, time } = twoNodes();
    bench.stores = [{ id: 0, ...storeFromPreset('general', { name: 'default', timestamps: true }) }];
    bench.publishTable();
    const key = bench.keyIn(2);
    const gateway = bench.gateway('s1');
    gateway.call(['set', key, 'v']);
    time.advance(20_000);
    gateway.call(['append', key, 'w']);
    const before = gateway.call(['hentry', key]);
    time.advance(20_000);
    beginMove(2);
    finishMove(2);
    expect(bench.gateway('s2').call({ command: ['hentry', key], epoch: 2 })).toEqual(before);
    expect(before[0]).toMatch(/created_at_ms\r\n:\d+\r\n\$14\r\nmodified_at_ms\r\n:\d+\r\n$/);
  });

  it('brings a partition with all its entries to its next primary', () => {
    const { bench, source, target, reports, beginMove, finishMove } = twoNodes();
    bench.stores = [DEFAULT_STORE, { ...DEFAULT_STORE, id: 1, name: 'other' }];
    bench.publishTable();
    const gateway = bench.gateway('s1');
    const keys = Array.from({ length: 2000 }, (_, i) => `key${i}`).filter((key) => bench.partitionOf(key) === 2);
    gateway.call(...keys.map((key) => ['set', key, `value of ${key}`]));
    gateway.call(
      { command: ['set', keys[0], 'in database 3', 'PX', '100000'], database: 3 },
      { command: ['set', keys[1], 'in store 1'], store: 1 },
      ['set', keys[2], 'with expiry', 'PX', '100000'],
    );
    const stays = bench.keyIn(1);
    gateway.call(['set', stays, '1']);
    const before = source.stores.get(0)?.sequences[2];
    beginMove(2);
    expect(reports).toEqual([
      {
        clusterId: 'id-1',
        partition: 2,
        epoch: 1,
        source: 's1',
        target: 's2',
        moveId: 10,
        incarnation: source.incarnation,
        targetIncarnation: target.incarnation,
        ok: true,
        reason: '',
      },
    ]);
    finishMove(2);
    expect(gateway.call(['get', keys[5]], ['get', stays])).toEqual(['stale', '$1\r\n1\r\n']);
    expect(source.stores.get(0)?.engine.count(2)).toBe(0);
    const next = bench.gateway('s2');
    expect(next.call(...keys.slice(3).map((key) => ['get', key]))).toEqual(
      keys.slice(3).map((key) => `$${key.length + 9}\r\nvalue of ${key}\r\n`),
    );
    expect(
      next.call(
        { command: ['get', keys[0]], database: 3 },
        { command: ['pttl', keys[0]], database: 3 },
        { command: ['get', keys[1]], store: 1 },
        ['get', keys[2]],
        ['pttl', keys[2]],
      ),
    ).toEqual([
      '$13\r\nin database 3\r\n',
      ':100000\r\n',
      '$10\r\nin store 1\r\n',
      '$11\r\nwith expiry\r\n',
      ':100000\r\n',
    ]);
    // The record that says that an epoch has started is the target's own.
    expect(target.stores.get(0)?.sequences[2]).toBe((before ?? 0) + 1);
    expect(target.stores.get(0)?.engine.count(2)).toBe(keys.length + 1);
  });

  it('lets operations go on while entries are copied, and brings their changes along', () => {
    const { bench, beginMove, finishMove, network } = twoNodes();
    const gateway = bench.gateway('s1');
    const [changed, removed, added] = Array.from({ length: 200 }, (_, i) => `key${i}`).filter(
      (key) => bench.partitionOf(key) === 2,
    );
    gateway.call(['set', changed, '1'], ['set', removed, '1']);
    network.rule = ({ subject }) => (subject === SUBJECTS.moves('s2') ? 'keep' : 'deliver');
    beginMove(2);
    expect(gateway.call(['get', changed], ['set', changed, '2'], ['del', removed], ['set', added, '3'])).toEqual([
      '$1\r\n1\r\n',
      '+OK\r\n',
      ':1\r\n',
      '+OK\r\n',
    ]);
    expect(gateway.call(['expire', changed, '100'], ['getex', added, 'EX', '50'])).toEqual([':1\r\n', '$1\r\n3\r\n']);
    network.rule = () => 'deliver';
    network.release();
    finishMove(2);
    const after = ['get', 'ttl'].flatMap((name) => [changed, removed, added].map((key) => [name, key]));
    expect(bench.gateway('s2').call(...after.map((command) => ({ command, epoch: 2 })))).toEqual([
      '$1\r\n2\r\n',
      '$-1\r\n',
      '$1\r\n3\r\n',
      ':100\r\n',
      ':-2\r\n',
      ':50\r\n',
    ]);
  });

  it('brings along what has changed behind the copy, and the clearing of a database', () => {
    const { bench, beginMove, finishMove, network, target } = twoNodes({ moveChunkBytes: 64 });
    const gateway = bench.gateway('s1');
    const keys = Array.from({ length: 6_000 }, (_, i) => `key${i}`).filter((key) => bench.partitionOf(key) === 2);
    gateway.call(...keys.map((key) => ['set', key, 'old']), { command: ['set', keys[0], 'other'], database: 3 });
    let frames = 0;
    network.rule = ({ subject }) => (subject === SUBJECTS.moves('s2') && ++frames === 4 ? 'keep' : 'deliver');
    beginMove(2);
    gateway.call(...keys.map((key) => ['set', key, 'new']), { command: ['flushdb'], database: 3, partition: 2 });
    network.release();
    finishMove(2);
    expect(network.messagesOf(SUBJECTS.moves('s2')).length).toBeGreaterThan(6);
    expect(target.stores.get(0)?.engine.count(2)).toBe(keys.length);
    const found = bench.gateway('s2').call(...keys.map((key) => ({ command: ['get', key], epoch: 2 })));
    expect(new Set(found)).toEqual(new Set(['$3\r\nnew\r\n']));
  });

  it('answers that the partition is moving from the last of its changes on', () => {
    const { bench, beginMove } = twoNodes();
    const gateway = bench.gateway('s1');
    const key = bench.keyIn(2);
    gateway.call(['set', key, '1']);
    beginMove(2);
    expect(gateway.call(['get', key], ['set', bench.keyIn(1), '1'])).toEqual(['moving', '+OK\r\n']);
    expect(gateway.call(['set', key, '2'])).toEqual(['moving']);
    expect(gateway.call({ command: ['set', key, '2'], generation: 1 })).toEqual(['moving']);
  });

  it('seals a partition that changes faster than it can be sent', () => {
    const { bench, beginMove, finishMove, network } = twoNodes();
    const gateway = bench.gateway('s1');
    const key = bench.keyIn(2);
    network.rule = ({ subject }) => (subject === SUBJECTS.moves('s2') ? 'keep' : 'deliver');
    beginMove(2);
    const large = 'x'.repeat(512 * 1024);
    const answers = Array.from({ length: 12 }, () => gateway.call(['set', key, large])[0]);
    expect(answers.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => '+OK\r\n'));
    expect(answers.at(-1)).toBe('moving');
    network.rule = () => 'deliver';
    network.release();
    finishMove(2);
    expect(bench.gateway('s2').call({ command: ['strlen', key], epoch: 2 })).toEqual([`:${large.length}\r\n`]);
  });

  it('that is aborted leaves everything as it was', () => {
    const { bench, target, beginMove, abortMove, network } = twoNodes();
    const gateway = bench.gateway('s1');
    const key = bench.keyIn(2);
    gateway.call(['set', key, '1']);
    network.rule = ({ subject, payload }) =>
      subject === SUBJECTS.moves('s1') && payload[5] === FRAME_TYPES.MOVE_ACK ? 'drop' : 'deliver';
    beginMove(2);
    abortMove(2);
    network.rule = () => 'deliver';
    expect(gateway.call(['get', key], ['set', key, '2'])).toEqual(['$1\r\n1\r\n', '+OK\r\n']);
    expect(target.stores.get(0)?.engine.count(2)).toBe(0);
    beginMove(2, 20);
    bench.plan(2, { owner: 's2', epoch: 2, movingTo: undefined });
    bench.publishTable();
    expect(bench.gateway('s2').call(['get', key])).toEqual(['$1\r\n2\r\n']);
  });

  it('may be followed at once by another of the same partition to the same node', () => {
    const { bench, beginMove, finishMove, reports, network } = twoNodes();
    const key = bench.keyIn(2);
    bench.gateway('s1').call(['set', key, '1']);
    network.rule = ({ subject }) => (subject === SUBJECTS.moves('s2') ? 'drop' : 'deliver');
    beginMove(2, 10);
    network.rule = () => 'deliver';
    beginMove(2, 11);
    expect(reports).toMatchObject([{ ok: true, moveId: 11 }]);
    beginMove(2, 11);
    expect(reports).toHaveLength(1);
    finishMove(2);
    expect(bench.gateway('s2').call(['get', key])).toEqual(['$1\r\n1\r\n']);
  });

  it('copies in chunks, and large values in parts', () => {
    const { bench, reports, beginMove, finishMove, network } = twoNodes({ moveChunkBytes: 2000 }, 16 * 1024);
    const gateway = bench.gateway('s1');
    const keys = Array.from({ length: 200 }, (_, i) => `key${i}`).filter((key) => bench.partitionOf(key) === 2);
    const large = 'x'.repeat(200_000);
    gateway.call(...keys.map((key) => ['set', key, 'v'.repeat(200)]));
    gateway.call(['set', keys[7], large]);
    beginMove(2);
    expect(reports).toMatchObject([{ ok: true }]);
    const sent = network.payloadsOf(SUBJECTS.moves('s2'));
    expect(sent.filter((frame) => readFrameType(frame) === FRAME_TYPES.PART).length).toBeGreaterThan(10);
    finishMove(2);
    const next = bench.gateway('s2');
    expect(next.call(['strlen', keys[7]], ['strlen', keys[0]], { command: ['dbsize'], partition: 2 })).toEqual([
      ':200000\r\n',
      ':200\r\n',
      `:${keys.length}\r\n`,
    ]);
  });

  it('of several partitions with large values go side by side', () => {
    const { bench, reports, network } = twoNodes({}, 16 * 1024);
    bench.node('s3');
    bench.plan(3, { owner: 's3' });
    bench.publishTable();
    const large = 'x'.repeat(150_000);
    const [first, second] = [bench.keyIn(2), bench.keyIn(3)];
    bench.gateway('s1').call(['set', first, large]);
    bench.gateway('s3').call(['set', second, large]);
    bench.plan(2, { movingTo: 's2', moveId: 10 });
    bench.plan(3, { movingTo: 's2', moveId: 10 });
    bench.publishTable();
    expect(reports.map(({ partition, ok }) => [partition, ok]).toSorted()).toEqual([
      [2, true],
      [3, true],
    ]);
    for (const partition of [2, 3]) bench.plan(partition, { owner: 's2', epoch: 2, movingTo: undefined });
    bench.publishTable();
    expect(bench.gateway('s2').call(['strlen', first], ['strlen', second])).toEqual([':150000\r\n', ':150000\r\n']);
    expect(network.kept).toHaveLength(0);
  });

  it('is reported as failed when the target refuses it', () => {
    const bench = twoNodes();
    const { target, beginMove, reports } = bench;
    bench.bench.gateway('s1').call(['set', bench.bench.keyIn(2), 'x'.repeat(100_000)]);
    target.nodeStores.memory.configure(10_000, PRESSURE_LEVELS);
    beginMove(2);
    expect(reports).toMatchObject([{ ok: false, moveId: 10, reason: expect.stringContaining('refused') }]);
    expect(bench.bench.logger.matching(/failed/).length).toBeGreaterThan(0);
  });

  it('is reported as failed when nothing is heard of the target', () => {
    const { beginMove, reports, network, time } = twoNodes();
    network.rule = ({ subject }) => (subject === SUBJECTS.moves('s2') ? 'drop' : 'deliver');
    beginMove(2);
    time.advance(1900);
    expect(reports).toHaveLength(0);
    time.advance(200);
    expect(reports).toMatchObject([{ ok: false, reason: expect.stringContaining('no acknowledgement') }]);
  });

  it('is reported as failed when the bus refuses a frame', () => {
    const { bench, beginMove, reports } = twoNodes();
    const bus = bench.buses.get('s1');
    if (bus !== undefined) bus.isRefusing = true;
    beginMove(2);
    expect(reports).toMatchObject([{ ok: false, reason: expect.stringContaining('bus') }]);
  });

  it('is reported until the table has ended it', () => {
    const { bench, beginMove, finishMove, reports, isAnswering, time } = twoNodes();
    isAnswering.value = false;
    beginMove(2);
    time.advance(6500);
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.every(({ ok, moveId }) => ok && moveId === 10)).toBe(true);
    expect(bench.logger.matching(/did not answer/).length).toBeGreaterThan(0);
    const { length } = reports;
    finishMove(2);
    time.advance(5000);
    expect(reports).toHaveLength(length);
  });

  it('shows in the heartbeats of its source', () => {
    const { beginMove, network, time } = twoNodes();
    network.rule = ({ subject }) => (subject === SUBJECTS.moves('s2') ? 'drop' : 'deliver');
    beginMove(2);
    time.advance(500);
    const moves = network.payloadsOf(SUBJECTS.heartbeat).map((payload) => decodeHeartbeat(payload).moves);
    expect(moves).toContainEqual([{ partition: 2, bytesCopied: expect.any(Number) }]);
  });

  it('does not remove expired entries from a partition that is not served here', () => {
    const { bench, source, target, beginMove, finishMove, time } = twoNodes();
    bench.gateway('s1').call(['set', bench.keyIn(2), '1', 'PX', '500']);
    beginMove(2);
    time.advance(1000);
    expect([source.statistics.expired, target.statistics.expired]).toEqual([0, 0]);
    finishMove(2);
    time.advance(1000);
    expect(target.statistics.expired).toBe(1);
    expect(source.statistics.expired).toBe(0);
  });
});

describe('the target of a move', () => {
  /** The test is the source: it sends frames and reads their acknowledgements. */
  function receiving() {
    const bench = new StorageBench(4);
    bench.node('s1');
    const target = bench.node('s2');
    bench.publishTable();
    const bus = bench.network.bus();
    const acks: boolean[] = [];
    bus.subscribe('acks', ({ payload }) => {
      if (readFrameType(payload) === FRAME_TYPES.MOVE_ACK) acks.push(decodeMoveAck(payload).accepted);
    });
    const writer = new ByteWriter();
    const send = (over: Partial<MoveHeader>, content?: Uint8Array): boolean | undefined => {
      const before = acks.length;
      beginMoveFrame(writer, { kind: MOVE_KINDS.begin, partition: 2, epoch: 1, token: 5, index: 0, ...over });
      if (content !== undefined) writer.bytes(content);
      bus.publish(SUBJECTS.moves('s2'), finishMoveFrame(writer), { replyTo: 'acks' });
      bench.network.settle();
      return acks.length > before ? acks.at(-1) : undefined;
    };
    const publish = (payload: Uint8Array, replyTo?: string): void => {
      bus.publish(SUBJECTS.moves('s2'), payload, replyTo === undefined ? {} : { replyTo });
      bench.network.settle();
    };
    return { bench, target, send, publish };
  }

  function record({ partition = 2, store = 0, key = 'k' } = {}): Uint8Array {
    const batch = new EventBatch();
    batch.begin(EVENT_KINDS.entrySet, 0, store, partition, 9);
    const value = latin1Bytes('v');
    const bytes = latin1Bytes(key);
    encodeEntryBody(batch.writer, 0, VALUE_TYPE.STRING, 0, bytes, 0, bytes.length, value, 0, 1);
    batch.end();
    return batch.writer.toBytes();
  }

  const END = Uint8Array.of(1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0);
  const records = MOVE_KINDS.records;

  it('takes frames in order, each once', () => {
    const { send, target, bench } = receiving();
    expect(send({ kind: records, index: 1 }, record())).toBe(false);
    expect(send({})).toBe(true);
    expect(send({})).toBe(true);
    expect(send({ kind: records, index: 2 }, record())).toBe(false);
    expect(send({ kind: records, index: 1 }, record())).toBe(true);
    expect(send({ kind: records, index: 1 }, record({ key: 'other' }))).toBe(true);
    expect(target.stores.get(0)?.engine.count(2)).toBe(1);
    expect(send({ kind: records, index: 2, token: 6 }, record())).toBe(false);
    expect(send({ kind: records, index: 2, epoch: 2 }, record())).toBe(false);
    expect(send({ kind: MOVE_KINDS.end, index: 2 }, END)).toBe(true);
    expect(send({ kind: records, index: 3 }, record())).toBe(false);
    bench.plan(2, { owner: 's2', epoch: 2 });
    bench.publishTable();
    expect(target.stores.get(0)?.sequences[2]).toBe(10);
    expect(bench.gateway('s2').call({ command: ['get', 'k'], partition: 2 })).toEqual(['$1\r\nv\r\n']);
  });

  it('starts afresh with another move', () => {
    const { send, target } = receiving();
    send({});
    send({ kind: records, index: 1 }, record());
    expect(send({ token: 6 })).toBe(true);
    expect(target.stores.get(0)?.engine.count(2)).toBe(0);
    expect(send({ kind: records, index: 2 }, record())).toBe(false);
  });

  it('becomes primary with nothing where the copy is not complete', () => {
    const { send, target, bench } = receiving();
    send({});
    send({ kind: records, index: 1 }, record());
    bench.plan(2, { owner: 's2', epoch: 2 });
    bench.publishTable();
    expect(target.stores.get(0)?.engine.count(2)).toBe(0);
    expect(send({ token: 7, epoch: 2 })).toBe(false);
  });

  it('lets no source of an older epoch take the place of a newer one', () => {
    const { send, target, bench } = receiving();
    bench.plan(2, { epoch: 4, movingTo: 's2', moveId: 1 });
    bench.publishTable();
    send({ epoch: 4, token: 50 });
    expect(send({ epoch: 3, token: 51 })).toBe(false);
    expect(target.ownership.epochs[2]).toBe(4);
  });

  it('refuses partitions and stores that do not exist', () => {
    const { send } = receiving();
    expect(send({ partition: 4 })).toBe(false);
    send({});
    expect(send({ kind: records, index: 1 }, record({ store: 9 }))).toBe(false);
  });

  it('drops malformed frames', () => {
    const { send, publish, target } = receiving();
    send({});
    expect(send({ kind: records, index: 1 }, record({ partition: 3 }))).toBeUndefined();
    expect(send({ kind: records, index: 1 }, record().slice(0, 24))).toBeUndefined();
    expect(send({ kind: MOVE_KINDS.end, index: 1 }, Uint8Array.of(5, 0))).toBeUndefined();
    const garbage = record();
    garbage[EVENT_HEADER_BYTES] = 0xff;
    expect(send({ kind: records, index: 1 }, garbage)).toBeUndefined();
    const writer = new ByteWriter();
    beginMoveFrame(writer, { kind: MOVE_KINDS.begin, partition: 1, epoch: 1, token: 1, index: 0 });
    publish(finishMoveFrame(writer));
    const foreign = finishMoveFrame(writer);
    foreign[5] = FRAME_TYPES.REPLIES;
    publish(foreign, 'acks');
    publish(new Uint8Array(3), 'acks');
    expect(target.statistics.malformedFrames).toBe(7);
    expect(send({ kind: records, index: 1 }, record())).toBe(true);
  });

  it('sends acknowledgements that its source ignores where they do not fit', () => {
    const { bench, beginMove, reports, network } = twoNodes();
    network.rule = ({ subject, payload }) =>
      subject === SUBJECTS.moves('s2') && readMoveHeader(payload).kind !== MOVE_KINDS.begin ? 'drop' : 'deliver';
    bench.gateway('s1').call(['set', bench.keyIn(2), '1']);
    beginMove(2);
    const writer = new ByteWriter();
    for (const over of [{ partition: 1 }, { token: 1 }, { index: 7 }]) {
      const ack = { partition: 2, epoch: 1, token: 2, index: 1, accepted: false, incarnation: 1, ...over };
      bench.coordinator.publish(SUBJECTS.moves('s1'), encodeMoveAck(writer, ack));
    }
    network.settle();
    expect(reports).toHaveLength(0);
  });
});
