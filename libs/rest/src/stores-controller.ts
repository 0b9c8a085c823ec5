import { Controller, Get, Inject, Param, Req, UseGuards } from '@nestjs/common';
import type { TraceContext } from '#libs/ports';
import { BearerGuard } from './bearer-guard.js';
import { CommandRunner } from './command-runner.js';
import { NUMBERED_STORE } from './database.js';
import { ProblemException } from './problem.js';
import { contextOf, type RestRequest } from './request-context.js';
import type { StoreDefinition } from './rest-gateway.js';
import { API_PREFIX, REST_BOUNDS, REST_OPTIONS, type RestOptions } from './rest-options.js';

interface StoreReply {
  readonly name: string;
  readonly type: string;
  readonly memory_limit_bytes: number;
  readonly default_ttl_ms: number | null;
}

interface StoreStatistics {
  readonly keys: number;
  /** By database, those with keys; of the store `default` only. */
  readonly databases?: Readonly<Record<string, number>>;
}

interface StoreDetailReply extends StoreReply {
  /** Null where the nodes that know are out of reach. */
  readonly statistics: StoreStatistics | null;
  readonly statistics_error?: string;
}

/** The stores: how they are defined, and how full they are. */
@Controller(`${API_PREFIX}/stores`)
@UseGuards(BearerGuard)
export class StoresController {
  constructor(
    @Inject(CommandRunner) private readonly commands: CommandRunner,
    @Inject(REST_OPTIONS) private readonly options: RestOptions,
  ) {}

  @Get()
  list(): { readonly stores: readonly StoreReply[] } {
    return { stores: this.options.gateway.stores().map(storeReply) };
  }

  @Get(':store')
  async detail(@Param('store') name: string, @Req() request: RestRequest): Promise<StoreDetailReply> {
    const store = this.commands.store(name);
    try {
      return { ...storeReply(store), statistics: await this.statistics(name, contextOf(request).trace) };
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      return { ...storeReply(store), statistics: null, statistics_error: error.problem.detail };
    }
  }

  private async statistics(store: string, trace: TraceContext | undefined): Promise<StoreStatistics> {
    const isNumbered = store === NUMBERED_STORE;
    const numbers = Array.from({ length: isNumbered ? REST_BOUNDS.databases : 1 }, (_, database) => database);
    const replies = await Promise.all(
      numbers.map((database) => this.commands.run({ store, database, trace }, ['DBSIZE'])),
    );
    const counts = replies.map(Number);
    const keys = counts.reduce((sum, count) => sum + count, 0);
    if (!isNumbered) return { keys };
    const databases = Object.fromEntries(
      counts.map((count, database) => [database, count]).filter(([, count]) => count > 0),
    );
    return { keys, databases };
  }
}

function storeReply(store: StoreDefinition): StoreReply {
  return {
    name: store.name,
    type: store.type,
    memory_limit_bytes: store.memoryLimitBytes,
    default_ttl_ms: store.defaultTtlMs === 0 ? null : store.defaultTtlMs,
  };
}
