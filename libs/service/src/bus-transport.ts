/**
 * Nest's microservice patterns over the bus port: `@EventPattern('heartbeat')` listens on the subject of that name in
 * libs/wire's table, on NATS and in process alike. Payloads are the bytes of the message; a handler of a request answers
 * bytes. `{ queue: 'name' }` as the decorator's last argument joins a queue group.
 */
import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';

import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus, BusMessage, BusSubscription, Logger } from '#libs/ports';
import type { Subjects } from '#libs/wire';

/** Subjects that do not depend on a node: what controllers may listen on. */
export type BusPattern = { [Name in keyof Subjects]: Subjects[Name] extends string ? Name : never }[keyof Subjects];

export class BusTransport extends Server implements CustomTransportStrategy {
  private subscriptions: BusSubscription[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly subjects: Subjects,
    private readonly log: Logger,
  ) {
    super();
  }

  /** Throws where a pattern is no subject of the table: a mistake of the code. */
  listen(callback: () => void): void {
    for (const [pattern, handler] of this.getHandlers()) {
      const subject = this.subjectOf(pattern);
      const queue: unknown = handler.extras?.['queue'];
      const options = typeof queue === 'string' ? { queue } : undefined;
      this.subscriptions.push(
        this.bus.subscribe(subject, (message) => this.receive(pattern, handler, message), options),
      );
    }
    callback();
  }

  close(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  /** The bus reports its own status; nothing else can be listened to. */
  on(event: string): never {
    throw new Error(`the bus transport has no event "${event}"`);
  }

  unwrap<T>(): T {
    return this.bus as unknown as T;
  }

  private subjectOf(pattern: string): string {
    const subject: unknown = Reflect.get(this.subjects, pattern);
    if (typeof subject !== 'string') throw new Error(`"${pattern}" is no subject in libs/wire/src/subjects.ts`);
    return subject;
  }

  /** Nest's handlers run in a later microtask, when the payload may be gone: they get a copy. */
  private receive(pattern: string, handler: MessageHandler, message: BusMessage): void {
    const data = message.payload.slice();
    const context = new BaseRpcContext([message.subject]);
    const done = handler.isEventHandler
      ? this.handleEvent(pattern, { pattern, data }, context)
      : this.answer(handler, data, context, message.replyTo);
    done.catch((error: unknown) =>
      this.log.log('WARN', 'EVENT_BUS', `a message on ${message.subject} failed`, { error }),
    );
  }

  /** No answer goes out where the handler fails: the requester's deadline tells it. */
  private async answer(
    handler: MessageHandler,
    data: Uint8Array,
    context: BaseRpcContext,
    replyTo: string | undefined,
  ): Promise<void> {
    const result: unknown = await handler(data, context);
    const reply: unknown = isObservable(result) ? await lastValueFrom(result, { defaultValue: undefined }) : result;
    if (replyTo !== undefined && reply instanceof Uint8Array) this.bus.publish(replyTo, reply);
  }
}
