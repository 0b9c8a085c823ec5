import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { BearerGuard } from './bearer-guard.js';
import { clusterReply, type ClusterReply, type PartitionReply, partitionReplies } from './cluster-replies.js';
import { failure } from './problem.js';
import { API_PREFIX, REST_OPTIONS, type RestOptions } from './rest-options.js';
import { ringReply, type RingReply } from './ring-reply.js';

const NO_TABLE = 'this gateway has no partition table yet';

interface PartitionsReply {
  readonly table_version: number;
  readonly partitions: readonly PartitionReply[];
}

/** The cluster as this gateway sees it. */
@Controller(`${API_PREFIX}/cluster`)
@UseGuards(BearerGuard)
export class ClusterController {
  constructor(@Inject(REST_OPTIONS) private readonly options: RestOptions) {}

  @Get()
  cluster(): ClusterReply {
    const { view, routing } = this.options.gateway;
    return clusterReply(view, routing);
  }

  @Get('ring')
  ring(): RingReply {
    const report = this.options.gateway.view.ring();
    if (report === undefined) throw failure('CLUSTER_DOWN', NO_TABLE);
    return ringReply(report);
  }

  @Get('partitions')
  partitions(): PartitionsReply {
    const { routing } = this.options.gateway;
    if (routing === undefined) throw failure('CLUSTER_DOWN', NO_TABLE);
    return { table_version: routing.tableVersion, partitions: partitionReplies(routing) };
  }
}
