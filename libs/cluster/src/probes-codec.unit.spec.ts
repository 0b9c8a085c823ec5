import fc from 'fast-check';
import { DecodeError } from '#libs/kernel';
import { CLUSTER_LIMITS } from './limits.js';
import {
  decodePingReply,
  decodePingRequest,
  decodeProbeReply,
  decodeProbeRequest,
  encodePingReply,
  encodePingRequest,
  encodeProbeReply,
  encodeProbeRequest,
} from './probes-codec.js';

const PING = { incarnation: 2 ** 53 - 1 };
const REQUEST = { target: 's1', incarnation: 7, timeoutMs: 300 };
const REPLY = { heard: true, millis: 12 };

const CODECS = [
  { name: 'a ping', value: PING, bytes: encodePingRequest(PING), decode: decodePingRequest },
  { name: 'its reply', value: PING, bytes: encodePingReply(PING), decode: decodePingReply },
  { name: 'a probe', value: REQUEST, bytes: encodeProbeRequest(REQUEST), decode: decodeProbeRequest },
  { name: 'the reply to one', value: REPLY, bytes: encodeProbeReply(REPLY), decode: decodeProbeReply },
];

describe.each(CODECS)('$name', ({ value, bytes, decode }) => {
  it('comes back as it was', () => {
    expect(decode(bytes)).toEqual(value);
  });

  it('answers any bytes with a value or a DecodeError', () => {
    const damaged = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, byte]) => bytes.with(at, byte));
    const cut = fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length));
    fc.assert(
      fc.property(fc.oneof(damaged, cut, fc.uint8Array({ maxLength: 50 })), (input) => {
        try {
          decode(input);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is refused without a format version, and where it is too long', () => {
    expect(() => decode(new Uint8Array(0))).toThrow(DecodeError);
    expect(() => decode(new Uint8Array(CLUSTER_LIMITS.maxProbeBytes + 1))).toThrow('at most');
  });
});

describe('probes', () => {
  it.each([
    ['a target that is no token', { target: 'a.b' }],
    ['incarnation 0', { incarnation: 0 }],
    ['no time to wait', { timeoutMs: 0 }],
    ['too much time to wait', { timeoutMs: CLUSTER_LIMITS.maxProbeTimeoutMs + 1 }],
  ])('are refused with %s', (_, change) => {
    expect(() => decodeProbeRequest(encodeProbeRequest({ ...REQUEST, ...change }))).toThrow(DecodeError);
  });

  it('count their time in whole milliseconds', () => {
    expect(decodeProbeReply(encodeProbeReply({ heard: false, millis: 1.6 })).millis).toBe(2);
    expect(decodeProbeReply(encodeProbeReply({ heard: false, millis: 1e12 })).millis).toBe(0xffff_ffff);
  });
});
