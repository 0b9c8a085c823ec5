import { latin1Bytes } from './bytes.js';
import { crc16, partitionShift, SLOT_COUNT, slotOfKey } from './hash-slot.js';

function slot(key: string): number {
  const bytes = latin1Bytes(key);
  return slotOfKey(bytes, 0, bytes.length);
}

describe('crc16', () => {
  it('gives the check value of CRC-16/XMODEM', () => {
    const check = latin1Bytes('123456789');
    expect(crc16(check, 0, check.length)).toBe(0x31c3);
    expect(crc16(check, 0, 0)).toBe(0);
  });

  it('reads the given range alone', () => {
    const padded = latin1Bytes('xx123456789yy');
    expect(crc16(padded, 2, 9)).toBe(0x31c3);
  });
});

describe('slotOfKey', () => {
  // As redis-server's CLUSTER KEYSLOT answers.
  it.each([
    ['123456789', 12739],
    ['foo', 12182],
    ['bar', 5061],
    ['hello', 866],
    ['somekey', 11058],
    ['', 0],
  ])('puts %j into slot %d', (key, expected) => {
    expect(slot(key)).toBe(expected);
  });

  it.each([
    ['foo{hash_tag}', 'hash_tag'],
    ['{user1000}.following', 'user1000'],
    ['{user1000}.followers', 'user1000'],
    ['foo{{bar}}zap', '{bar'],
    ['foo{bar}{zap}', 'bar'],
    ['}{bar}', 'bar'],
    ['{a}', 'a'],
  ])('hashes of %j the tag %j alone', (key, tag) => {
    expect(slot(key)).toBe(crc16(latin1Bytes(tag), 0, tag.length) % SLOT_COUNT);
  });

  it.each(['foo{}{bar}', '{}', 'foo{', 'foo}', 'foo{bar', '}{'])('hashes all of %j', (key) => {
    expect(slot(key)).toBe(crc16(latin1Bytes(key), 0, key.length) % SLOT_COUNT);
  });

  it('looks for braces in the key alone', () => {
    const around = latin1Bytes('{foo}');
    expect(slotOfKey(around, 1, 3)).toBe(12182);
  });
});

describe('partitionShift', () => {
  it.each([
    [1, 14],
    [2, 13],
    [256, 6],
    [16384, 0],
  ])('maps slots onto %d partitions by a shift of %d', (partitions, shift) => {
    expect(partitionShift(partitions)).toBe(shift);
    expect((SLOT_COUNT - 1) >>> shift).toBe(partitions - 1);
  });

  it.each([0, 3, 255, 32768, -2, 1.5])('refuses %d partitions', (partitions) => {
    expect(() => partitionShift(partitions)).toThrow(RangeError);
  });
});
