import { DecodeError } from '#libs/kernel';
import { decodeIdentity, encodeIdentity } from './identity-file.js';

const IDENTITY = { raftId: 0xffffffff, cluster: 'test', groupId: 'a'.repeat(32) };

describe('the identity file', () => {
  it('comes back as it was, with a group and without', () => {
    for (const identity of [IDENTITY, { ...IDENTITY, groupId: '' }]) {
      expect(decodeIdentity(encodeIdentity(identity))).toEqual(identity);
    }
  });

  it('is refused where a bit or a byte is not as it was', () => {
    const bytes = encodeIdentity(IDENTITY);
    for (let at = 0; at < bytes.length; at++) {
      expect(() => decodeIdentity(bytes.subarray(0, at))).toThrow(DecodeError);
      for (let bit = 0; bit < 8; bit++) {
        expect(() => decodeIdentity(bytes.with(at, bytes[at] ^ (1 << bit)))).toThrow(DecodeError);
      }
    }
    expect(() => decodeIdentity(new Uint8Array([...bytes, 0]))).toThrow(/1 bytes too many/);
    expect(() => decodeIdentity(encodeIdentity({ ...IDENTITY, raftId: 0 }))).toThrow(/Raft id 0/);
    expect(() => decodeIdentity(encodeIdentity({ ...IDENTITY, cluster: 'a.b' }))).toThrow(/not a token/);
  });
});
