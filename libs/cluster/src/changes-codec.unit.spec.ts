import fc from 'fast-check';
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { DecodeError } from '#libs/kernel';
import { decodeChangeReply, decodeChangeRequest, encodeChangeReply, encodeChangeRequest } from './changes-codec.js';
import { REFUSAL_CODES, type ChangeReply, type ClusterChange } from './cluster-change.js';
import { ChangeRequestSchema } from './generated/hypercache/control/v1/changes_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { storeFromPreset } from './store-definition.js';

const CHANGES: readonly ClusterChange[] = [
  {
    type: 'CreateStore',
    definition: storeFromPreset('session', {
      name: 'web',
      memoryLimitBytes: 2 ** 40,
      ttlPrefixes: [{ prefix: 'größe:', ttlMs: 0 }],
      filter: { enabled: true, falsePositiveRate: 0.0001, nearStalenessMs: 500 },
    }),
  },
  { type: 'CreateStore', definition: storeFromPreset('general', { name: 'plain' }) },
  { type: 'AlterStore', name: 'web', changes: {} },
  {
    type: 'AlterStore',
    name: 'web',
    changes: {
      type: 'general',
      memoryLimitBytes: 0,
      defaultTtlMs: 1,
      ttlPrefixes: [],
      ttlPrefixChanges: [
        { prefix: 'a', ttlMs: 5 },
        { prefix: 'b', ttlMs: undefined },
      ],
      policy: 'w-tinylfu',
      evictionScope: 'volatile',
      idleTtlMs: 0,
      maxTtlMs: 7,
      timestamps: true,
      replicas: 3,
      filter: { falsePositiveRate: 0.02 },
    },
  },
  { type: 'AlterStore', name: 'web', changes: { filter: { enabled: false } } },
  { type: 'DropStore', name: 'web' },
  { type: 'ChangeSetting', path: 'logging.level', value: 'DEBUG ä' },
  { type: 'ResetSetting', path: 'logging.level' },
  { type: 'DrainNode', nodeId: 'st1' },
  { type: 'UndrainNode', nodeId: 'st1' },
  { type: 'ForgetNode', nodeId: 'gw-1' },
  { type: 'MovePrimary', partition: 0, target: '' },
  { type: 'MovePrimary', partition: 16383, target: 'st2' },
  { type: 'Rebalance' },
  { type: 'CancelMoves', nodeId: '' },
];
const REQUEST = { clusterId: 'c1', requestId: '00ff', changes: CHANGES };

type Message = MessageInitShape<typeof ChangeRequestSchema>;
const encoded = (message: Message): Uint8Array =>
  toBinary(
    ChangeRequestSchema,
    create(ChangeRequestSchema, { formatVersion: 1, clusterId: 'c', requestId: 'r', ...message } as Message),
  );
const one = (change: NonNullable<NonNullable<Message['changes']>[number]['change']>): Uint8Array =>
  encoded({ changes: [{ change }] });

describe('requests for changes as bytes', () => {
  it('come back as they were', () => {
    expect(decodeChangeRequest(encodeChangeRequest(REQUEST))).toEqual(REQUEST);
  });

  it.each([
    ['a request without an id', encoded({ requestId: '' })],
    ['a request for no cluster', encoded({ clusterId: '' })],
    ['a format from the future', encoded({ formatVersion: 9 })],
    ['a change of an unknown kind', encoded({ changes: [{}] })],
    ['too many changes', encoded({ changes: Array.from({ length: CLUSTER_LIMITS.maxChangesAtOnce + 1 }, () => ({})) })],
    ['a new store without a type', one({ case: 'createStore', value: { name: 'a' } })],
    ['a new store without a filter', one({ case: 'createStore', value: { name: 'a', type: 'general' } })],
    [
      'a new store without a rate',
      one({ case: 'createStore', value: { name: 'a', type: 'general', filterEnabled: true } }),
    ],
    ['an unknown type', one({ case: 'alterStore', value: { name: 'a', type: 'x' } })],
    ['an unknown policy', one({ case: 'alterStore', value: { name: 'a', policy: 'x' } })],
    ['an unknown scope', one({ case: 'alterStore', value: { name: 'a', evictionScope: 'x' } })],
    ['a limit beyond 53 bits', one({ case: 'alterStore', value: { name: 'a', memoryLimitBytes: 1n << 60n } })],
    ['a rate that is no share', one({ case: 'alterStore', value: { name: 'a', filterFalsePositiveRate: NaN } })],
    [
      'a prefix that is too long',
      one({ case: 'alterStore', value: { name: 'a', ttlPrefixChanges: [{ prefix: 'x'.repeat(65) }] } }),
    ],
  ])('refuse %s', (_name, bytes) => {
    expect(() => decodeChangeRequest(bytes)).toThrow(DecodeError);
  });

  it('are not made where they exceed one message', () => {
    const changes: ClusterChange[] = [{ type: 'DropStore', name: 'x'.repeat(CLUSTER_LIMITS.maxMessageBytes) }];
    expect(() => encodeChangeRequest({ ...REQUEST, changes })).toThrow(RangeError);
  });

  it('answer any bytes with a request or a DecodeError', () => {
    const valid = encodeChangeRequest(REQUEST);
    const damaged = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          const request = decodeChangeRequest(bytes);
          expect(decodeChangeRequest(encodeChangeRequest(request))).toEqual(request);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('answers to changes as bytes', () => {
  const replies: ChangeReply[] = [
    { accepted: true, tableVersion: 2 ** 53 - 1 },
    ...REFUSAL_CODES.map((code): ChangeReply => ({ accepted: false, code, reason: 'because' })),
  ];

  it.each(replies)('come back as they were: %j', (reply) => {
    expect(decodeChangeReply(encodeChangeReply(reply))).toEqual(reply);
  });

  it('shorten long reasons, and refuse rubbish', () => {
    const long: ChangeReply = { accepted: false, code: 'invalid', reason: 'x'.repeat(5_000) };
    expect(decodeChangeReply(encodeChangeReply(long))).toMatchObject({ reason: 'x'.repeat(1024) });
    expect(() => decodeChangeReply(new Uint8Array([8, 1, 24, 99]))).toThrow(DecodeError);
  });
});
