// Connections: malformed requests, inline commands, the protocol's version, the list of clients and its end for one of them.
import { RawConnection } from '../support/raw-connection.js';
import { withRaw, type AskTarget } from './target.js';

const MALFORMED: readonly (readonly [what: string, bytes: string, reason: string])[] = [
  ['an argument without its length', '*1\r\nPING\r\n', "expected '$', got 'P'"],
  ['a count that is no number', '*-5x\r\n', 'invalid multibulk length'],
  ['a negative length', '*1\r\n$-7\r\n', 'invalid bulk length'],
  ['a length beyond every limit', '*1\r\n$999999999999\r\n', 'invalid bulk length'],
  ['a count beyond every limit', '*99999999\r\n', 'invalid multibulk length'],
  ['an open quote', 'SET "k v\r\n', 'unbalanced quotes in request'],
  ['a line without an end', 'x'.repeat(70_000), 'too big inline request'],
];

export function connectionCases(target: AskTarget): void {
  const port = (): number => target().respPorts[0];

  describe('connections', () => {
    it.each(MALFORMED)('%s ends with a protocol error', (_what, bytes, reason) =>
      withRaw(port(), async (raw) => {
        raw.write('PING\r\n');
        expect(await raw.reply()).toBe('PONG');
        raw.write(bytes);
        expect(await raw.untilEnd()).toBe(`-ERR Protocol error: ${reason}\r\n`);
      }),
    );

    it('inline commands are understood, with quotes', () =>
      withRaw(port(), async (raw) => {
        raw.write('set inline "a \\x41 b"\r\nget inline\n\r\nEXISTS inline\r\n');
        const replies = await raw.replies(3);
        expect(Buffer.concat(replies).toString()).toBe('+OK\r\n$5\r\na A b\r\n:1\r\n');
      }));

    it('HELLO switches to RESP3 and back', () =>
      withRaw(port(), async (raw) => {
        raw.send('HELLO', '3');
        const [greeting] = await raw.replies(1);
        expect(Buffer.from(greeting).toString()).toMatch(/^%7\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/);
        raw.send('GET', 'missing');
        expect(Buffer.concat(await raw.replies(1)).toString()).toBe('_\r\n');
        raw.send('HELLO', '2');
        await raw.replies(1);
        raw.send('GET', 'missing');
        expect(Buffer.concat(await raw.replies(1)).toString()).toBe('$-1\r\n');
        expect(await raw.run('HELLO', '4')).toBe('-NOPROTO unsupported protocol version');
      }));

    it('clients are listed, and killed by id', async () => {
      const victim = await RawConnection.open(port());
      try {
        await victim.run('CLIENT', 'SETNAME', 'victim');
        const id = await victim.run('CLIENT', 'ID');
        await withRaw(port(), async (raw) => {
          const list = String(await raw.run('CLIENT', 'LIST'));
          expect(list).toMatch(new RegExp(`^id=${String(id)} addr=127\\.0\\.0\\.1:\\d+ .*name=victim `, 'm'));
          expect(await raw.run('CLIENT', 'KILL', 'ID', String(id))).toBe(1);
          expect(await raw.run('CLIENT', 'KILL', 'ID', String(id))).toBe(0);
          expect(await raw.run('CLIENT', 'LIST')).not.toContain('name=victim');
        });
        expect(await victim.untilEnd()).toBe('');
      } finally {
        victim.close();
      }
    });

    it('AUTH without a password configured says so', () =>
      withRaw(port(), async (raw) => {
        expect(await raw.run('AUTH', 'x')).toMatch(/^-ERR AUTH <password> called without any password configured/);
      }));
  });
}
