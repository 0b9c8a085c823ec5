import { Module } from '@nestjs/common';
import { ALL_COMMANDS, CommandTable } from '#libs/commands';
import type { HyperCacheConfig, SecurityConfig } from '#libs/config';
import { BOUNDS } from '#libs/kernel';
import { GATEWAY_DEFAULTS, GatewayHost, type GatewayOptions, type GatewayTuning } from '#libs/gateway-host';
import { addGatewayMetrics } from './gateway-metrics.js';
import { endSuperseded } from './end-superseded.js';
import { memberId } from './member-id.js';
import { RespServer } from './resp-server.js';
import { SERVICE_CONTEXT, type ServiceContext } from './service-context.js';
import { stopHost } from './stop-host.js';
import { addTableVersionMetric } from './table-version-metric.js';

/** The gateway host with its RESP listener. REST gets the host from here through the application of the HTTP port. */
@Module({
  providers: [{ provide: GatewayHost, inject: [SERVICE_CONTEXT], useFactory: makeGateway }, RespServer],
  exports: [GatewayHost],
})
export class GatewayModule {}

function makeGateway(context: ServiceContext): GatewayHost {
  const { lifecycle, health, metrics } = context;
  const commands = new CommandTable(ALL_COMMANDS);
  const host = new GatewayHost(context, gatewayOptions(context), commands);
  host.onNewTable = (table) => context.settings.follow(table.settings);
  context.settings.onChange((config) => host.tune(gatewayTuning(config)));
  host.onSuperseded = () => endSuperseded(memberId(context, 'gateway'));
  lifecycle.onStart('start-hosts', 'gateway', async () => host.start());
  lifecycle.onStop('stop-gateway', 'gateway', () => stopHost(host));
  health.addCheck(() => host.unreadyReasons()[0]);
  addGatewayMetrics(metrics, host, commands);
  addTableVersionMetric(context, 'gateway', () => host.view.tableVersion);
  return host;
}

function gatewayOptions(context: ServiceContext): GatewayOptions {
  const { cluster, limits, security } = context.config;
  return {
    ...GATEWAY_DEFAULTS,
    cluster: cluster.name,
    nodeId: memberId(context, 'gateway'),
    mode: context.role === 'standalone' ? 'standalone' : 'cluster',
    softwareVersion: context.softwareVersion,
    advertise: context.endpoints,
    zone: cluster.zone,
    members: cluster.members,
    replicationFactor: cluster.replicationFactor,
    heartbeatMs: cluster.heartbeatIntervalMs,
    ...gatewayTuning(context.config),
    maxInFlightOperations: limits.maxInFlightOperations,
    maxValueBytes: limits.maxValueBytes,
    maxArguments: BOUNDS.maxArguments,
    maxInlineBytes: BOUNDS.maxInlineBytes,
    users: usersOf(security),
  };
}

/** What may change while the gateway runs. */
function gatewayTuning({ limits }: HyperCacheConfig): GatewayTuning {
  return {
    requestTimeoutMs: limits.requestTimeoutMs,
    maxPipelinedCommands: limits.maxPipelinedCommands,
    maxHeldBytes: limits.maxHeldBytes,
    pauseClientOutputBytes: limits.pauseClientOutputBytes,
    maxClientOutputBytes: limits.maxClientOutputBytes,
    linkCreditBytes: limits.linkCreditBytes,
    maxClients: limits.maxClients,
  };
}

/** `default` is the user of plain AUTH. */
function usersOf({ password, users }: SecurityConfig): ReadonlyMap<string, string> {
  const passwords = new Map(users.map((user) => [user.name, user.password]));
  if (password !== '') passwords.set('default', password);
  return passwords;
}
