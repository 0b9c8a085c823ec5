// A gateway with a password: who is let in, over each way of saying it.
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { PASSWORD, withRaw, type AskTarget, type Guarded } from './target.js';

export function passwordCases(target: AskTarget): void {
  describe('a password', () => {
    let guarded: Guarded;
    beforeAll(async () => {
      guarded = await target().startGuarded();
    }, 120_000);
    afterAll(() => guarded?.stop());

    it('lets nobody in without it', () =>
      withRaw(guarded.respPort, async (raw) => {
        expect(await raw.run('GET', 'a')).toBe('-NOAUTH Authentication required.');
        expect(await raw.run('AUTH', 'wrong')).toMatch(/^-WRONGPASS /);
        expect(await raw.run('AUTH', 'nobody', PASSWORD)).toMatch(/^-WRONGPASS /);
        expect(await raw.run('HELLO', '3')).toMatch(/^-NOAUTH HELLO must be called/);
        expect(await raw.run('HELLO', '3', 'AUTH', 'default', 'wrong')).toMatch(/^-WRONGPASS /);
        expect(await raw.run('SET', 'a', 'b')).toBe('-NOAUTH Authentication required.');
        expect(await raw.run('AUTH', PASSWORD)).toBe('OK');
        expect(await raw.run('SET', 'a', 'b')).toBe('OK');
        expect(await raw.run('CONFIG', 'GET', 'requirepass')).not.toContain(PASSWORD);
      }));

    it('may come with HELLO, which switches at once', () =>
      withRaw(guarded.respPort, async (raw) => {
        raw.send('HELLO', '3', 'AUTH', 'default', PASSWORD, 'SETNAME', 'me');
        const [greeting] = await raw.replies(1);
        expect(Buffer.from(greeting).toString()).toMatch(/^%7\r\n/);
        expect(await raw.run('CLIENT', 'GETNAME')).toBe('me');
        expect(await raw.run('PING')).toBe('PONG');
      }));

    it('keeps those without it from making a gateway hold their bytes', () =>
      withRaw(guarded.respPort, async (raw) => {
        raw.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n');
        expect(await raw.untilEnd()).toMatch(/^-ERR Protocol error: unauthenticated bulk length/);
      }));

    it('is given by ioredis', async () => {
      const redis = new Redis({ port: guarded.respPort, password: PASSWORD });
      expect(await redis.set('by-ioredis', 'v')).toBe('OK');
      redis.disconnect();
      const wrong = new Redis({
        port: guarded.respPort,
        password: 'wrong',
        retryStrategy: () => null,
        lazyConnect: true,
      });
      wrong.on('error', () => undefined);
      await expect(wrong.connect()).rejects.toThrow(/WRONGPASS|closed/);
      if (wrong.status !== 'end') wrong.disconnect();
    });

    it.each([2, 3] as const)('is given by node-redis over RESP%i', async (RESP) => {
      const clientOf = (password: string) => {
        const url = `redis://default:${encodeURIComponent(password)}@127.0.0.1:${guarded.respPort}`;
        return createClient({ url, RESP, socket: { reconnectStrategy: false } }).on('error', () => undefined);
      };
      const client = clientOf(PASSWORD);
      await client.connect();
      expect(await client.clientInfo()).toMatchObject({ user: 'default', resp: RESP });
      client.destroy();
      const wrong = clientOf('wrong');
      await expect(wrong.connect()).rejects.toThrow(/WRONGPASS/);
      if (wrong.isOpen) wrong.destroy();
    });
  });
}
