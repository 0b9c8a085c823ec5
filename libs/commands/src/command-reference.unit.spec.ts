import { ALL_COMMANDS } from './all-commands.js';
import { renderCommandReference } from './command-reference.js';
import { CommandTable } from './command-table.js';

describe('the command reference', () => {
  const reference = renderCommandReference(new CommandTable(ALL_COMMANDS));

  it('has every command but the bare containers, once', () => {
    const titles = reference.match(/^### .+$/gm)!.map((title) => title.slice(4));
    const expected = ALL_COMMANDS.filter((row) => !('container' in row)).map((row) =>
      row.name.replace('|', ' ').toUpperCase(),
    );
    expect(titles.toSorted()).toEqual(expected.toSorted());
  });

  it.each([
    '`GET key`',
    '`MSET key value [key value ...]`',
    '`SET key value [<NX | XX>] [GET] [<EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL>]`',
    '`CLIENT LIST [TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]`',
    '`SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`',
  ])('shows %s', (syntax) => {
    expect(reference).toContain(`${syntax}\n`);
  });

  it('says what each command is for, in ASCII, without a line of trailing spaces', () => {
    for (const row of ALL_COMMANDS) expect(row.summary).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
    expect(reference).not.toMatch(/[ \t]$/m);
    expect(reference.endsWith('\n')).toBe(true);
  });
});
