import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { CLUSTER_LIMITS } from '#libs/cluster';
import { BearerGuard } from './bearer-guard.js';
import {
  eventsReply,
  moveReply,
  nodeReply,
  type EventsReply,
  type MoveReply,
  type NodeReply,
} from './cluster-replies.js';
import { CommandRunner } from './command-runner.js';
import { EventsQuery } from './key-queries.js';
import { failure } from './problem.js';
import { API_PREFIX, REST_BOUNDS, REST_OPTIONS, type RestOptions } from './rest-options.js';
import { validated } from './validation.js';

/** What operators do to the cluster. An answer says that it has begun: moving partitions takes its time. */
@Controller(`${API_PREFIX}/cluster`)
@UseGuards(BearerGuard)
export class ClusterOperationsController {
  constructor(
    @Inject(CommandRunner) private readonly commands: CommandRunner,
    @Inject(REST_OPTIONS) private readonly options: RestOptions,
  ) {}

  @Post('nodes/:node/drain')
  @HttpCode(202)
  async drain(@Param('node') nodeId: string): Promise<NodeReply> {
    await this.commands.change([{ type: 'DrainNode', nodeId }]);
    return this.node(nodeId);
  }

  @Delete('nodes/:node/drain')
  @HttpCode(202)
  async undrain(@Param('node') nodeId: string): Promise<NodeReply> {
    await this.commands.change([{ type: 'UndrainNode', nodeId }]);
    return this.node(nodeId);
  }

  @Delete('nodes/:node')
  @HttpCode(204)
  async forget(@Param('node') nodeId: string): Promise<void> {
    await this.commands.change([{ type: 'ForgetNode', nodeId }]);
  }

  @Post('rebalance')
  @HttpCode(202)
  async rebalance(): Promise<{ readonly moves: readonly MoveReply[] }> {
    await this.commands.change([{ type: 'Rebalance' }]);
    return this.moves();
  }

  @Delete('rebalance')
  @HttpCode(204)
  async stopRebalancing(): Promise<void> {
    await this.commands.change([{ type: 'CancelMoves', nodeId: '' }]);
  }

  @Get('moves')
  moves(): { readonly moves: readonly MoveReply[] } {
    return { moves: this.options.gateway.view.moves().map(moveReply) };
  }

  @Get('events')
  async events(@Query() query: Record<string, unknown>): Promise<EventsReply> {
    const { since = '0', limit } = validated(EventsQuery, query);
    const count = limit === undefined ? REST_BOUNDS.listedEvents : Number(limit);
    const request = { since: Number(since), limit: Math.min(count, CLUSTER_LIMITS.maxListedEvents) };
    return eventsReply(await this.commands.events(request));
  }

  private node(nodeId: string): NodeReply {
    const { routing, view } = this.options.gateway;
    if (routing === undefined) throw failure('CLUSTER_DOWN', 'this gateway has no cluster table yet');
    const reply = nodeReply(view, routing, nodeId);
    if (reply === undefined) throw failure('UNKNOWN_NODE', `the node "${nodeId}" has been forgotten meanwhile`);
    return reply;
  }
}
