import { parseTrace } from './trace.js';

function record(time: number, id: bigint, size: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(time, 0);
  bytes.writeBigUInt64LE(id, 4);
  bytes.writeUInt32LE(size, 12);
  bytes.writeBigInt64LE(-1n, 16);
  return bytes;
}

describe('a trace', () => {
  it('is read, its objects numbered in the order of their first request', () => {
    const large = 2n ** 64n - 1n;
    const bytes = Buffer.concat([record(5, large, 512), record(5, 7n, 2 ** 32 - 1), record(9, large, 512)]);
    expect(parseTrace('t', bytes)).toEqual({
      name: 't',
      objects: Uint32Array.of(0, 1, 0),
      sizes: Uint32Array.of(512, 2 ** 32 - 1, 512),
      seconds: Uint32Array.of(5, 5, 9),
      objectCount: 2,
      objectBytes: 512 + 2 ** 32 - 1,
    });
  });

  it('may lie anywhere in a buffer', () => {
    const bytes = Buffer.concat([Buffer.alloc(3), record(1, 2n, 3)]).subarray(3);
    expect(parseTrace('t', bytes).sizes).toEqual(Uint32Array.of(3));
  });

  it.each([0, 1, 23, 25])('is not made of %i bytes', (length) => {
    expect(() => parseTrace('a.bin', Buffer.alloc(length))).toThrow(`a.bin: ${length} bytes are no trace`);
  });
});
