import { ALL_COMMANDS } from './all-commands.js';
import { unknownCommandText, wrongArityText } from './command-errors.js';
import { arityMatches, firstKey, keyIndexes } from './command-keys.js';
import { CommandTable } from './command-table.js';
import { requestOf } from './testing/request-text.js';

const table = new CommandTable(ALL_COMMANDS);

function lookupName(...args: string[]): string | undefined {
  return table.lookup(requestOf(...args))?.name;
}

describe('CommandTable', () => {
  it('finds every row by its words in any case, by its name and by its id', () => {
    for (const row of ALL_COMMANDS) {
      const words = row.name.split('|');
      expect(lookupName(...words)).toBe(row.name);
      expect(lookupName(...words.map((word) => word.toUpperCase()), 'x')).toBe(
        'container' in row || row.name === 'command' ? undefined : row.name,
      );
      expect(table.byName(row.name.toUpperCase())).toBe(row);
      expect(table.byId(row.id)).toBe(row);
    }
    expect(table.size).toBe(ALL_COMMANDS.length);
    expect(table.all().map((row) => row.id)).toEqual(
      table
        .all()
        .map((row) => row.id)
        .toSorted((a, b) => a - b),
    );
  });

  it('finds nothing for other bytes', () => {
    expect(lookupName('nosuch')).toBeUndefined();
    expect(lookupName('')).toBeUndefined();
    expect(lookupName('g\x05t')).toBeUndefined();
    expect(lookupName('GE\x54\0')).toBeUndefined();
    expect(lookupName('client|id')).toBeUndefined();
    expect(lookupName('id')).toBeUndefined();
    expect(lookupName('get', 'id')).toBe('get');
    expect(table.lookup(requestOf())).toBeUndefined();
    expect(table.byId(-1)).toBeUndefined();
    expect(table.byId(99)).toBeUndefined();
    expect(table.byId(table.maxId + 1)).toBeUndefined();
  });

  it('answers the container where the subcommand is missing, and its subcommands', () => {
    expect(lookupName('CLIENT')).toBe('client');
    expect(lookupName('client', 'nosuch')).toBeUndefined();
    const names = table.subcommands(table.byName('config')!).map((row) => row.name);
    expect(names).toEqual(['config|get', 'config|set', 'config|resetstat', 'config|rewrite', 'config|help']);
    expect(table.topLevel().every((row) => !row.name.includes('|'))).toBe(true);
  });

  it('refuses an id or a name twice, and a subcommand without its container', () => {
    const [get, set] = [table.byName('get')!, table.byName('set')!];
    expect(() => new CommandTable([get, { ...set, id: get.id }])).toThrow('is taken');
    expect(() => new CommandTable([get, { ...get, id: 999 }])).toThrow('the name is taken');
    expect(() => new CommandTable([table.byName('client|id')!])).toThrow('container');
  });

  it('stays right in a crowded table', () => {
    const rows = Array.from({ length: 500 }, (_, at) => ({ ...table.byName('get')!, id: at + 1, name: `c${at}` }));
    const crowded = new CommandTable(rows);
    for (const row of rows) expect(crowded.lookup(requestOf(row.name))).toBe(row);
  });
});

describe('keys and arity', () => {
  const cases: readonly (readonly [string[], number[]])[] = [
    [['get', 'a'], [1]],
    [['set', 'a', 'b', 'ex', '5'], [1]],
    [
      ['mget', 'a', 'b', 'c'],
      [1, 2, 3],
    ],
    [
      ['mset', 'a', '1', 'b', '2'],
      [1, 3],
    ],
    [
      ['rename', 'a', 'b'],
      [1, 2],
    ],
    [
      ['copy', 'a', 'b', 'db', '3'],
      [1, 2],
    ],
    [['dbsize'], []],
    [['scan', '0'], []],
    [['hc.set', 'a', 'v', 'iftag', 'x'], [1]],
  ];
  it.each(cases)('%j has its keys at %j', (words, indexes) => {
    const request = requestOf(...words);
    const command = table.lookup(request)!;
    const out = new Int32Array(8);
    expect([...out.subarray(0, keyIndexes(command, request, out))]).toEqual(indexes);
    expect(firstKey(command)).toBe(indexes[0] ?? 0);
  });

  it('tells the room that is needed and never reads past the request', () => {
    const out = new Int32Array(2);
    expect(keyIndexes(table.byName('del')!, requestOf('del', 'a', 'b', 'c', 'd'), out)).toBe(4);
    expect([...out]).toEqual([1, 2]);
    expect(keyIndexes(table.byName('rename')!, requestOf('rename', 'a'), out)).toBe(1);
  });

  it('checks counts and whole pairs', () => {
    const matches = (name: string, count: number): boolean => arityMatches(table.byName(name)!, count);
    expect([matches('get', 1), matches('get', 2), matches('get', 3)]).toEqual([false, true, false]);
    expect([matches('set', 2), matches('set', 3), matches('set', 9)]).toEqual([false, true, true]);
    expect([matches('mset', 3), matches('mset', 4), matches('msetnx', 5)]).toEqual([true, false, true]);
    expect([matches('client', 1), matches('command', 1)]).toEqual([false, true]);
  });
});

describe('error texts about whole requests', () => {
  const long = 'abcdefghij'.repeat(20);
  const cases: readonly (readonly [string[], string])[] = [
    [['foo'], "ERR unknown command 'foo', with args beginning with: "],
    [['foo', 'a', 'b'], "ERR unknown command 'foo', with args beginning with: 'a' 'b' "],
    [['FOO', 'a b', '\0x'], "ERR unknown command 'FOO', with args beginning with: 'a b' '' "],
    [['fo\r\no', 'a\nb'], "ERR unknown command 'fo  o', with args beginning with: 'a b' "],
    [[long], `ERR unknown command '${long.slice(0, 128)}', with args beginning with: `],
    [['foo', long, 'c'], `ERR unknown command 'foo', with args beginning with: '${long.slice(0, 128)}' `],
    [
      ['foo', long.slice(0, 120), 'c1234567', 'd'],
      `ERR unknown command 'foo', with args beginning with: '${long.slice(0, 120)}' 'c1234' `,
    ],
    [['Client', 'x\r\ny'], "ERR unknown subcommand 'x  y'. Try CLIENT HELP."],
  ];
  it.each(cases)('%j', (words, text) => {
    expect(unknownCommandText(table, requestOf(...words)).replace(/[\r\n]/g, ' ')).toBe(text);
  });

  it('names the whole command where the count is wrong', () => {
    expect(wrongArityText(table.byName('client|kill')!)).toBe(
      "ERR wrong number of arguments for 'client|kill' command",
    );
  });
});
