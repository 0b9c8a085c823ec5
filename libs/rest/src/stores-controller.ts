import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import type { Response } from 'express';
import { storeFromPreset } from '#libs/cluster';
import { StoreSummary, summariesOf } from '#libs/commands';
import type { TraceContext } from '#libs/ports';
import { BearerGuard } from './bearer-guard.js';
import { CommandRunner } from './command-runner.js';
import { NUMBERED_STORE } from './database.js';
import { ProblemException } from './problem.js';
import { BodyReader } from './request-body.js';
import { contextOf, type RestRequest } from './request-context.js';
import { API_PREFIX, REST_BOUNDS, REST_OPTIONS, type RestOptions } from './rest-options.js';
import { changesOf, FilterBody, filterOf, StoreBody, StoreChangesBody } from './store-body.js';
import {
  filterReply,
  filterStatisticsReply,
  statisticsReply,
  storeReply,
  type FilterDetailReply,
  type FilterReply,
  type StoreReply,
  type StoreStatisticsReply,
} from './store-replies.js';
import { validated } from './validation.js';

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

/** The stores: how they are defined, how that changes, and how full they are. */
@Controller(`${API_PREFIX}/stores`)
@UseGuards(BearerGuard)
export class StoresController {
  constructor(
    @Inject(CommandRunner) private readonly commands: CommandRunner,
    @Inject(BodyReader) private readonly bodies: BodyReader,
    @Inject(REST_OPTIONS) private readonly options: RestOptions,
  ) {}

  @Get()
  list(): { readonly stores: readonly StoreReply[] } {
    return { stores: this.options.gateway.stores().map(storeReply) };
  }

  @Post()
  async create(@Req() request: RestRequest, @Res({ passthrough: true }) response: Response): Promise<StoreReply> {
    const body = validated(StoreBody, await this.bodies.readJson(request, REST_BOUNDS.maxStoreBodyBytes));
    const { type = 'general', filter, ...given } = changesOf(body);
    const replicas = given.replicas ?? this.options.gateway.view.defaultReplicas;
    const preset = storeFromPreset(type, { ...given, replicas, name: body.name });
    const definition = { ...preset, filter: { ...preset.filter, ...filter } };
    await this.commands.change([{ type: 'CreateStore', definition }]);
    response.setHeader('Location', `/${API_PREFIX}/stores/${encodeURIComponent(body.name)}`);
    return storeReply(this.commands.store(body.name));
  }

  @Patch(':store')
  async alter(@Param('store') name: string, @Req() request: RestRequest): Promise<StoreReply> {
    const body = validated(StoreChangesBody, await this.bodies.readJson(request, REST_BOUNDS.maxStoreBodyBytes));
    await this.commands.change([{ type: 'AlterStore', name, changes: changesOf(body) }]);
    return storeReply(this.commands.store(name));
  }

  @Delete(':store')
  @HttpCode(204)
  async drop(@Param('store') name: string): Promise<void> {
    await this.commands.change([{ type: 'DropStore', name }]);
  }

  @Get(':store/stats')
  async stats(@Param('store') name: string, @Req() request: RestRequest): Promise<StoreStatisticsReply> {
    const store = this.commands.store(name);
    const summary = await this.summary(name, contextOf(request).trace);
    return statisticsReply(store, summary, this.options.gateway.nearFilter(store.id));
  }

  @Get(':store/filter')
  async filter(@Param('store') name: string, @Req() request: RestRequest): Promise<FilterDetailReply> {
    const store = this.commands.store(name);
    const near = this.options.gateway.nearFilter(store.id);
    const statistics = this.summary(name, contextOf(request).trace).then((all) => filterStatisticsReply(all, near));
    return { ...filterReply(store), ...(await orError(statistics)) };
  }

  @Put(':store/filter')
  async setFilter(@Param('store') name: string, @Req() request: RestRequest): Promise<FilterReply> {
    const body = validated(FilterBody, await this.bodies.readJson(request, REST_BOUNDS.maxStoreBodyBytes));
    await this.commands.change([{ type: 'AlterStore', name, changes: { filter: filterOf(body) } }]);
    return filterReply(this.commands.store(name));
  }

  @Get(':store')
  async detail(@Param('store') name: string, @Req() request: RestRequest): Promise<StoreDetailReply> {
    const store = this.commands.store(name);
    return { ...storeReply(store), ...(await orError(this.statistics(name, contextOf(request).trace))) };
  }

  /** What all storage nodes know of a store. */
  private async summary(store: string, trace: TraceContext | undefined): Promise<StoreSummary> {
    const reply = await this.commands.run({ store, database: 0, trace }, ['HC.STOREREPORT', store]);
    return summariesOf(reply).get(store) ?? new StoreSummary();
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

interface Statistics<T> {
  readonly statistics: T | null;
  readonly statistics_error?: string;
}

/** Statistics, or why there are none. */
async function orError<T>(statistics: Promise<T>): Promise<Statistics<T>> {
  try {
    return { statistics: await statistics };
  } catch (error) {
    if (!(error instanceof ProblemException)) throw error;
    return { statistics: null, statistics_error: error.problem.detail };
  }
}
