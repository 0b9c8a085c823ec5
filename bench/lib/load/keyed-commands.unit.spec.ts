import { KeyedCommands, MAX_NUMBER, MIN_VALUE_BYTES } from './keyed-commands.js';

const commands = new KeyedCommands(40);

function written(write: (target: Buffer) => number): string {
  const target = Buffer.alloc(commands.maxBytes + 7);
  return target.toString('latin1', 7, write(target));
}

describe('KeyedCommands', () => {
  it('writes commands where it is told', () => {
    expect(written((target) => commands.writeGet(target, 7, 42))).toBe('*2\r\n$3\r\nGET\r\n$13\r\nkey:000000042\r\n');
    expect(written((target) => commands.writeSet(target, 7, 42, 3))).toBe(
      '*3\r\n$3\r\nSET\r\n$13\r\nkey:000000042\r\n$40\r\n000000042:000000003:abcdefghijklmnopqrst\r\n',
    );
  });

  it('reads the version of its own values back, at both ends of the range', () => {
    for (const [key, version] of [
      [0, 0],
      [MAX_NUMBER, MAX_NUMBER],
      [7, 123_456],
    ]) {
      const text = written((target) => commands.writeSet(target, 7, key, version));
      const value = Buffer.from(text.slice(text.length - 42, -2), 'latin1');
      expect(commands.versionIn(value, 0, value.length, key)).toBe(version);
      expect(commands.versionIn(value, 0, value.length, key + 1)).toBe(-1);
    }
  });

  it('finds every byte that is another one', () => {
    const value = Buffer.from('000000042:000000003:abcdefghijklmnopqrst', 'latin1');
    expect(commands.versionIn(value, 0, 40, 42)).toBe(3);
    expect(commands.versionIn(value, 0, 39, 42)).toBe(-1);
    for (let i = 0; i < value.length; i++) {
      const damaged = Buffer.from(value);
      damaged[i] = 0x21;
      expect(commands.versionIn(damaged, 0, 40, 42)).toBe(-1);
    }
  });

  it('refuses values that could not name key and version', () => {
    expect(() => new KeyedCommands(MIN_VALUE_BYTES - 1)).toThrow(RangeError);
  });
});
