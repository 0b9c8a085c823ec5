/** A load generator in a process of its own, so that whatever else the suite does cannot delay what is due. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { stopAtExit } from '../child-process.js';
import type { Resources } from '../resources.js';
import type { LoadGenerator, LoadSettings } from './load-generator.js';

type Calls = Pick<LoadGenerator, 'fill' | 'readAll' | 'peak' | 'begin' | 'end' | 'window' | 'failures'> & {
  open(settings: LoadSettings): void;
};

export type LoadCall = {
  [Name in keyof Calls]: { readonly id: number; readonly name: Name; readonly args: Parameters<Calls[Name]> };
}[keyof Calls];

export type LoadReply =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };

const PROGRAM = join(import.meta.dirname, 'load-program.js');

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class LoadProcess {
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: LoadReply) => {
      const call = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if ('error' in reply) call?.reject(new Error(reply.error));
      else call?.resolve(reply.result);
    });
    child.once('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the load generator ended with ${code}`));
      this.waiting.clear();
    });
  }

  /** Answers once its connections are open. */
  static async start(settings: LoadSettings, resources: Resources): Promise<LoadProcess> {
    const child = fork(PROGRAM, { execArgv: ['--max-semi-space-size=16'] });
    stopAtExit(child);
    resources.add(() => void child.kill());
    const load = new LoadProcess(child);
    await load.call('open', settings);
    return load;
  }

  call<Name extends keyof Calls>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<Awaited<ReturnType<Calls[Name]>>> {
    const id = this.calls++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as Awaited<ReturnType<Calls[Name]>>), reject });
      this.child.send({ id, name, args });
    });
  }
}
