/** Measurements that want a Node process of their own: a program of dist that sends one message and ends. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { stopAtExit } from './child-process.js';
import { HUGE_PAGES } from './huge-pages.js';

/** Starts it with garbage collection on demand, and huge pages as a service has them; answers its message. Rejects when it ends without one. */
export async function resultOf<T>(program: string, args: readonly (string | number)[]): Promise<T> {
  const child = fork(program, args.map(String), { execArgv: ['--expose-gc'], env: { ...HUGE_PAGES, ...process.env } });
  stopAtExit(child);
  const ended = once(child, 'exit');
  const [message] = await Promise.race([
    once(child, 'message') as Promise<[T]>,
    ended.then(([code]) => Promise.reject(new Error(`${program} ended with ${String(code)}`))),
  ]);
  await ended;
  return message;
}
