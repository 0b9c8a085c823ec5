import { keyOf, memcachedTemplate, numberOf, respTemplate, writeDigits } from './load-template.js';

const VALUE = 'v'.repeat(32);

describe('commands that load', () => {
  it('are those of Redis', () => {
    const { bytes, digitsAt, reply } = respTemplate(0);
    expect(bytes.toString()).toBe(`*3\r\n$3\r\nSET\r\n$12\r\nkey:00000000\r\n$32\r\n${VALUE}\r\n`);
    expect(bytes.toString('latin1', digitsAt, digitsAt + 8)).toBe('00000000');
    expect(reply.toString()).toBe('+OK\r\n');
    expect(respTemplate(60).bytes.toString()).toMatch(/^\*5\r\n.*\r\n\$2\r\nEX\r\n\$2\r\n60\r\n$/s);
  });

  it('are those of memcached', () => {
    const { bytes, digitsAt, reply } = memcachedTemplate(60);
    expect(bytes.toString()).toBe(`set key:00000000 0 60 32\r\n${VALUE}\r\n`);
    expect(bytes.toString('latin1', digitsAt, digitsAt + 8)).toBe('00000000');
    expect(reply.toString()).toBe('STORED\r\n');
  });

  it('name keys by number', () => {
    const bytes = Buffer.from(`..${keyOf(0)}`);
    writeDigits(bytes, 6, 12_345_678);
    expect(bytes.toString()).toBe(`..${keyOf(12_345_678)}`);
    expect(numberOf(bytes, 2)).toBe(12_345_678);
  });
});
