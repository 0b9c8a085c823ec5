import * as fc from 'fast-check';
import { DecodeError, hexText, utf8Bytes } from '#libs/kernel';
import { FRAME_HEADER_BYTES, writeFrameHeader } from '#libs/wire';
import {
  addressFault,
  configurationOf,
  decodeMessage,
  encodeConfiguration,
  encodeMessage,
  type Message,
} from './index.js';

const ENVELOPE = { from: 1, to: 2, term: 3 } as const;
const HEAD = { index: 9, term: 2, configuration: configurationOf([1, 2], [3]), totalBytes: 5, checksum: 7 };
const ENTRIES = [
  { index: 5, term: 2, type: 1, version: 4, data: utf8Bytes('ab') },
  {
    index: 6,
    term: 3,
    type: 2,
    version: 1,
    data: encodeConfiguration({ voters: [1], outgoing: [1, 2], learners: [2] }),
  },
  { index: 7, term: 3, type: 0, version: 0, data: new Uint8Array(0) },
] as const;

const COMMON = '026331' + '01000000' + '02000000' + '0300000000000000';

/** One of each kind as bytes: members of different releases read each other's. Spaces group the fields. */
const GOLDEN: readonly (readonly [Message, string])[] = [
  [
    { type: 'heartbeat', ...ENVELOPE, commit: 4, round: 5, tick: 6 },
    `48595043 01 05 2d000000 01 01 ${COMMON} 0400000000000000 0500000000000000 0600000000000000`,
  ],
  [
    { type: 'heartbeat-reply', ...ENVELOPE, round: 5, tick: 6 },
    `48595043 01 05 25000000 01 02 ${COMMON} 0500000000000000 0600000000000000`,
  ],
  [
    { type: 'vote-request', ...ENVELOPE, pre: true, transfer: true, lastIndex: 5, lastTerm: 2 },
    `48595043 01 06 26000000 01 01 ${COMMON} 03 0500000000000000 0200000000000000`,
  ],
  [{ type: 'vote-reply', ...ENVELOPE, pre: false, granted: true }, `48595043 01 06 16000000 01 02 ${COMMON} 04`],
  [{ type: 'timeout-now', ...ENVELOPE }, `48595043 01 06 15000000 01 03 ${COMMON}`],
  [
    { type: 'append', ...ENVELOPE, prevIndex: 4, prevTerm: 2, commit: 3, entries: ENTRIES },
    `48595043 01 07 6e000000 01 01 ${COMMON} 0400000000000000 0200000000000000 0300000000000000 0300
     0200000000000000 01 04 02000000 6162
     0300000000000000 02 01 13000000 01 01000000 02 01000000 02000000 01 02000000
     0300000000000000 00 00 00000000`,
  ],
  [
    { type: 'append-reply', ...ENVELOPE, rejected: true, index: 4, hintIndex: 3, hintTerm: 1 },
    `48595043 01 07 2e000000 01 02 ${COMMON} 01 0400000000000000 0300000000000000 0100000000000000`,
  ],
  [
    { type: 'snapshot', ...ENVELOPE, head: HEAD, offset: 2, data: utf8Bytes('xyz') },
    `48595043 01 08 47000000 01 01 ${COMMON} 0900000000000000 0200000000000000 05000000 07000000
     02 01000000 02000000 00 01 03000000 02000000 03000000 78797a`,
  ],
  [
    { type: 'snapshot-reply', ...ENVELOPE, index: 9, checksum: 7, nextOffset: 5 },
    `48595043 01 08 25000000 01 02 ${COMMON} 0900000000000000 07000000 05000000`,
  ],
];

/** The message's frame after one change to its bytes, with a length that fits. */
function damaged(message: Message, change: (payload: number[]) => void): Uint8Array {
  const frame = encodeMessage('c1', message);
  const payload = [...frame.subarray(FRAME_HEADER_BYTES)];
  change(payload);
  const bytes = new Uint8Array([...frame.subarray(0, FRAME_HEADER_BYTES), ...payload]);
  writeFrameHeader(bytes, frame[5], bytes.length);
  return bytes;
}

/** Where the fields of a kind begin in the payload, for the cluster `c1`. */
const BODY = 21;
const message = (type: Message['type']): Message => GOLDEN.find(([{ type: other }]) => other === type)![0];

describe('messages', () => {
  it.each(GOLDEN.map(([value, hex]) => [value.type, value, hex] as const))('%s has these bytes', (_, value, hex) => {
    const frame = encodeMessage('c1', value);
    expect(hexText(frame)).toBe(hex.replaceAll(/\s/g, ''));
    expect(decodeMessage(frame)).toEqual({ clusterId: 'c1', message: value });
  });

  it.each<[string, Uint8Array, string]>([
    ['another version', damaged(message('heartbeat'), (b) => (b[0] = 2)), 'message version 2'],
    ['an unknown kind', damaged(message('heartbeat'), (b) => (b[1] = 9)), 'unknown message'],
    ['an odd cluster id', damaged(message('heartbeat'), (b) => (b[3] = 0x2e)), 'cluster id'],
    ['member 0', damaged(message('heartbeat'), (b) => (b[5] = 0)), 'member id 0'],
    ['term 0', damaged(message('heartbeat'), (b) => (b[13] = 0)), 'term 0'],
    ['a term beyond 53 bits', damaged(message('heartbeat'), (b) => (b[20] = 1)), '53 bits'],
    ['bytes left over', damaged(message('heartbeat'), (b) => b.push(0)), '1 bytes after'],
    ['unknown flags', damaged(message('vote-request'), (b) => (b[BODY] = 8)), 'unknown flags 8'],
    ['too many entries', damaged(message('append'), (b) => (b[BODY + 25] = 0xff)), 'at most 1024'],
    [
      'an index beyond 53 bits',
      damaged(message('append'), (b) => b.fill(0xff, BODY, BODY + 6).fill(0x1f, BODY + 6, BODY + 7)),
      '53 bits',
    ],
    ['a previous term above its own', damaged(message('append'), (b) => (b[BODY + 8] = 9)), 'term 9'],
    ['an entry of a lower term', damaged(message('append'), (b) => (b[BODY + 26] = 1)), 'term 1 after 2'],
    ['an entry of a higher term', damaged(message('append'), (b) => (b[BODY + 26] = 9)), 'term 9 after 2'],
    ['an entry of an unknown type', damaged(message('append'), (b) => (b[BODY + 34] = 3)), 'entry type 3'],
    ['an entry that is too large', damaged(message('append'), (b) => (b[BODY + 39] = 1)), 'at most 524288'],
    ['another configuration version', damaged(message('append'), (b) => (b[BODY + 51] = 2)), 'configuration version 2'],
    ['a damaged configuration', damaged(message('append'), (b) => (b[BODY + 57] = 0)), 'member id 0'],
    ['a snapshot of index 0', damaged(message('snapshot'), (b) => (b[BODY] = 0)), 'index 0'],
    ['a snapshot that is too large', damaged(message('snapshot'), (b) => (b[BODY + 19] = 0xff)), 'at most 67108864'],
    ['a chunk beyond its snapshot', damaged(message('snapshot'), (b) => (b[BODY + 16] = 4)), 'beyond the end'],
    ['a member twice', damaged(message('snapshot'), (b) => (b[BODY + 29] = 1)), 'double'],
    ['too many members', damaged(message('snapshot'), (b) => (b[BODY + 24] = 32)), 'at most 31'],
  ])('with %s are refused', (_, frame, problem) => {
    expect(() => decodeMessage(frame)).toThrow(DecodeError);
    expect(() => decodeMessage(frame)).toThrow(problem);
  });

  it('of any damaged bytes give a message or a DecodeError', () => {
    const frames = GOLDEN.map(([value]) => encodeMessage('c1', value));
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.nat(), fc.nat(255), fc.nat(200), (frame, at, byte, length) => {
        const bytes = frame.slice(0, FRAME_HEADER_BYTES + length);
        bytes[at % bytes.length] = byte;
        if (bytes.length >= FRAME_HEADER_BYTES) writeFrameHeader(bytes, bytes[5], bytes.length);
        try {
          decodeMessage(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('keep nothing of the frame that they came in', () => {
    const frame = encodeMessage('c1', message('append'));
    const received = decodeMessage(frame);
    frame.fill(0);
    expect(received.message).toEqual(message('append'));
  });

  it('say for whom they are', () => {
    const received = decodeMessage(encodeMessage('c1', message('heartbeat')));
    expect(addressFault(received, 'c1', 2)).toBeUndefined();
    expect(addressFault(received, 'c2', 2)).toBe('other-cluster');
    expect(addressFault(received, 'c1', 3)).toBe('other-member');
  });

  it('are not made for a cluster without a name', () => {
    expect(() => encodeMessage('a b', message('heartbeat'))).toThrow('cluster id "a b"');
  });
});
