import type { DynamicModule, INestApplication } from '@nestjs/common';
import type { RuntimeConfig } from '#libs/config';
import { GatewayHost } from '#libs/gateway-host';
import { RestModule, type RestGateway } from '#libs/rest';
import type { ServiceContext } from './service-context.js';

/** REST over the gateway host of `app`. */
export function makeRest(context: ServiceContext, app: INestApplication): DynamicModule {
  const { config, settings, clock, telemetry, logger, softwareVersion } = context;
  return RestModule.register({
    gateway: restGateway(app.get<GatewayHost>(GatewayHost, { strict: false }), settings),
    tokens: config.security.restTokens,
    maxValueBytes: config.limits.maxValueBytes,
    softwareVersion,
    clock,
    telemetry,
    logger,
    logsEveryRequest: () => settings.current.debug.correlationTracking,
  });
}

/** The definitions of stores come with the cluster's table. */
function restGateway(host: GatewayHost, settings: RuntimeConfig): RestGateway {
  return {
    settings,
    view: host.view,
    get routing() {
      return host.routing;
    },
    stores: () => host.routing?.table.stores ?? [],
    nearFilter: (storeId) => host.nearFilters.figuresOf(storeId),
    change: (changes, onOutcome) => host.change(changes, onOutcome),
    events: (request, onOutcome) => host.events(request, onOutcome),
    execute: (command, options, onReply) => host.execute(command, options, onReply),
  };
}
