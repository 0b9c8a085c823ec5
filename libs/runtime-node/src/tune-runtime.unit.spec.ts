import { copyBytes, crc32 } from '#libs/kernel';
import { tuneRuntime } from './tune-runtime.js';

describe('tuneRuntime', () => {
  it('copies ranges of every length as before, also between views into larger buffers', () => {
    tuneRuntime();
    for (const length of [0, 1, 31, 32, 33, 100, 5000]) {
      const source = new Uint8Array(new ArrayBuffer(8192), 7, 6000).map((_, i) => (i * 31) & 0xff);
      const target = new Uint8Array(new ArrayBuffer(8192), 3, 6000);
      copyBytes(source, 11, target, 5, length);
      expect([...target.subarray(5, 5 + length)]).toEqual([...source.subarray(11, 11 + length)]);
      expect(target.subarray(5 + length).every((byte) => byte === 0)).toBe(true);
      expect(target.subarray(0, 5).every((byte) => byte === 0)).toBe(true);
    }
  });

  it('gives the same checksums as before', () => {
    const bytes = new Uint8Array(new ArrayBuffer(8192), 7, 6000).map((_, i) => (i * 31) & 0xff);
    const short = crc32(bytes, 3, 1000, 42);
    tuneRuntime();
    expect(crc32(bytes, 3, 1000, 42)).toBe(short);
    expect(crc32(bytes, 1003, 4000, short)).toBe(crc32(bytes, 3, 5000, 42));
  });
});
