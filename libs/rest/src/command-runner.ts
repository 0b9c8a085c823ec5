import { Inject, Injectable } from '@nestjs/common';
import type { ChangeOutcome, ClusterChange, EventsReply, EventsRequest, TableStore } from '#libs/cluster';
import { decodeReply, encodeCommand, RespError, type RespValue } from '#libs/resp';
import type { TraceContext } from '#libs/ports';
import { failure, type ProblemCode } from './problem.js';
import { problemOfReply } from './reply-problem.js';
import { REST_OPTIONS, type RestOptions } from './rest-options.js';
import { refusedDefinition } from './store-fault-fields.js';

const CODE_OF_REFUSAL = {
  invalid: 'INVALID_REQUEST',
  exists: 'STORE_EXISTS',
  unknown: 'UNKNOWN_STORE',
  full: 'LIMIT_REACHED',
  unavailable: 'CLUSTER_DOWN',
  'unknown-node': 'UNKNOWN_NODE',
  conflict: 'CONFLICT',
  'no-quorum': 'CLUSTER_DOWN',
  timeout: 'TIMEOUT',
} as const satisfies Record<Exclude<ChangeOutcome, { ok: true }>['code'], ProblemCode>;

/** Where a command runs: what of a request stays the same over its commands. */
export interface CommandTarget {
  readonly store: string;
  readonly database: number;
  readonly trace: TraceContext | undefined;
}

/** Runs commands at the gateway: from callbacks to promises, from error replies to problems. */
@Injectable()
export class CommandRunner {
  constructor(@Inject(REST_OPTIONS) private readonly options: RestOptions) {}

  /** Rejects with a ProblemException where the reply is an error. */
  run(target: CommandTarget, parts: readonly (Uint8Array | string)[]): Promise<RespValue> {
    const { store, database, trace } = target;
    const options = trace === undefined ? { store, database } : { store, database, trace };
    return new Promise((resolve, reject) => {
      this.options.gateway.execute(encodeCommand(parts), options, (reply) => {
        try {
          const value = decodeReply(reply);
          if (value instanceof RespError) reject(problemOfReply(value));
          else resolve(value);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Rejects with a ProblemException where the changes are refused. */
  change(changes: readonly ClusterChange[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.options.gateway.change(changes, (outcome) => {
        if (outcome.ok) resolve();
        else if (outcome.code === 'invalid') reject(refusedDefinition(outcome.reason));
        else reject(failure(CODE_OF_REFUSAL[outcome.code], outcome.reason));
      });
    });
  }

  /** Rejects with a ProblemException where no coordinator answers. */
  events(request: EventsRequest): Promise<EventsReply> {
    return new Promise((resolve, reject) => {
      this.options.gateway.events(request, (outcome) => {
        if (outcome.ok) resolve(outcome);
        else reject(failure('CLUSTER_DOWN', outcome.reason));
      });
    });
  }

  /** The store of a path. Throws a 404 that lists those which exist, or a 503 while none are known. */
  store(name: string): TableStore {
    const stores = this.options.gateway.stores();
    const store = stores.find((each) => each.name === name);
    if (store !== undefined) return store;
    if (this.options.gateway.routing === undefined)
      throw failure('CLUSTER_DOWN', 'this gateway has no cluster table yet');
    const names = stores.map((each) => each.name).join(', ');
    throw failure(
      'UNKNOWN_STORE',
      `there is no store ${JSON.stringify(name.slice(0, 64))}; stores: ${names || 'none'}`,
    );
  }
}
