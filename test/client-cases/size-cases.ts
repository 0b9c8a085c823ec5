// What is large or odd: values and keys at and beyond the limits, bytes that are no text, long pipelines, slow clients.
import { createHash, randomBytes } from 'node:crypto';
import { encoded, RawConnection } from '../support/raw-connection.js';
import { withRaw, type AskTarget } from './target.js';

const MIB = 1024 * 1024;
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function sizeCases(target: AskTarget): void {
  const port = (): number => target().respPorts[0];

  describe('sizes', () => {
    it.each([1, 10, 40])('a value of %i MiB comes back byte by byte', (mebibytes) =>
      withRaw(port(), async (raw) => {
        const value = randomBytes(mebibytes * MIB);
        expect(await raw.run('SET', 'large', value)).toBe('OK');
        expect(await raw.run('STRLEN', 'large')).toBe(value.length);
        expect(await raw.run('GETRANGE', 'large', '1000000', '1000009')).toBe(
          value.subarray(1_000_000, 1_000_010).toString('latin1'),
        );
        const read = (await (raw.send('GET', 'large'), raw.reply())) as Uint8Array;
        expect(digest(read)).toBe(digest(value));
        expect(await raw.run('DEL', 'large')).toBe(1);
      }),
    );

    it('a value beyond the limit is refused', () =>
      withRaw(port(), async (raw) => {
        raw.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$70000000\r\n');
        expect(await raw.untilEnd()).toMatch(/^-ERR Protocol error: invalid bulk length\r\n/);
      }));

    it('keys are bytes, up to 64 KiB', () =>
      withRaw(port(), async (raw) => {
        const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
        const longest = new Uint8Array(64 * 1024).fill(0xfe);
        for (const key of [everyByte, longest, new Uint8Array(0)]) {
          expect(await raw.run('SET', key, everyByte)).toBe('OK');
          expect(await raw.run('GET', key)).toBe(Buffer.from(everyByte).toString('latin1'));
        }
        expect(await raw.run('SET', new Uint8Array(64 * 1024 + 1), 'v')).toMatch(/^-ERR/);
        expect(await raw.run('DBSIZE')).toBe(3);
        const keys = (await raw.run('KEYS', '*')) as string[];
        expect(keys.map((key) => key.length).sort((a, b) => a - b)).toEqual([0, 256, 64 * 1024]);
      }));

    it('100,000 commands in one go are answered in their order', () =>
      withRaw(port(), async (raw) => {
        const count = 100_000;
        const commands = Array.from({ length: count }, (_, i) =>
          i % 2 === 0 ? encoded(['SET', `p:${i % 997}`, String(i)]) : encoded(['ECHO', String(i)]),
        );
        raw.write(Buffer.concat(commands));
        const replies = await raw.replies(count, 60_000);
        const wrong = replies.findIndex((reply, i) => {
          const text = Buffer.from(reply).toString();
          return text !== (i % 2 === 0 ? '+OK\r\n' : `$${String(i).length}\r\n${i}\r\n`);
        });
        expect(wrong).toBe(-1);
        expect(await raw.run('DBSIZE')).toBe(997);
      }));

    it('a client that has closed its side still gets its replies', () =>
      withRaw(port(), async (raw) => {
        const count = 1_000;
        raw.write(Buffer.concat(Array.from({ length: count }, () => encoded(['INCR', 'half']))));
        raw.socket.end();
        const text = await raw.untilEnd();
        expect(text.endsWith(`:${count}\r\n`)).toBe(true);
        expect(text.split('\r\n')).toHaveLength(count + 1);
      }));

    it('a client that reads slowly holds back nobody, and gets everything', async () => {
      const value = randomBytes(MIB);
      const count = 48;
      const slow = await RawConnection.open(port());
      try {
        await slow.run('SET', 'slow', value);
        slow.socket.pause();
        slow.write(Buffer.concat(Array.from({ length: count }, () => encoded(['GET', 'slow']))));
        await withRaw(port(), async (other) => {
          for (let i = 0; i < 200; i++) expect(await other.run('SET', `quick:${i}`, 'v')).toBe('OK');
        });
        slow.socket.resume();
        const replies = await slow.replies(count, 30_000);
        const header = Buffer.from(`$${MIB}\r\n`);
        const expected = digest(Buffer.concat([header, value, Buffer.from('\r\n')]));
        expect(new Set(replies.map(digest))).toEqual(new Set([expected]));
      } finally {
        slow.close();
      }
    });
  });
}
