import { Inject, Injectable } from '@nestjs/common';
import type { HyperCacheConfig } from '#libs/config';
import { GatewayHost, type GatewaySession } from '#libs/gateway-host';
import { METRICS, type MetricsRegistry } from '#libs/metrics-prom';
import { ListenError, RespListener, type ListenerTraffic, type ListenerTuning } from '#libs/resp-listener';
import { listenError } from './ports.js';
import { SERVICE_CONTEXT, type ServiceContext } from './service-context.js';

/** Bytes that a connection whose reading is paused may still take in: Node's own chunk size. */
const HIGH_WATER_BYTES = 64 * 1024;

/** The RESP listener as a part of the service: opened after the hosts, closed first. */
@Injectable()
export class RespServer {
  constructor(
    @Inject(SERVICE_CONTEXT) private readonly context: ServiceContext,
    @Inject(GatewayHost) gateway: GatewayHost,
  ) {
    const { config, endpoints, lifecycle, metrics } = context;
    if (endpoints.respPort === 0) return;
    const listener = this.makeListener(gateway);
    context.settings.onChange((changed) => listener.tune(listenerTuning(changed)));
    lifecycle.onStart('open-listeners', 'RESP', () => this.open(listener));
    // Replies get half of the time; the other half is for what comes after.
    const graceMs = config.limits.shutdownTimeoutMs / 2;
    lifecycle.onStop('close-listeners', 'RESP', () => listener.close({ graceMs }));
    addListenerMetrics(metrics, listener.traffic);
  }

  private makeListener(gateway: GatewayHost): RespListener<GatewaySession> {
    const { config, endpoints, logger } = this.context;
    return new RespListener({
      host: config.network.host,
      port: endpoints.respPort,
      handler: gateway.sockets,
      ...listenerTuning(config),
      highWaterBytes: HIGH_WATER_BYTES,
      isIdle: (session) => session.unanswered === 0 && session.queuedReplyBytes === 0,
      onHandlerError: (error, remoteAddress) => {
        logger.log('ERROR', 'RESP_SERVER', 'a connection was closed by a defect', {
          error,
          details: { remoteAddress },
        });
      },
    });
  }

  private async open(listener: RespListener<GatewaySession>): Promise<void> {
    const { config, endpoints } = this.context;
    try {
      await listener.start();
    } catch (error) {
      const cause = error instanceof ListenError ? error.cause : error;
      throw listenError('resp_port', config.network.host, endpoints.respPort, cause);
    }
  }
}

/** What may change while the listener is open. */
function listenerTuning({ limits }: HyperCacheConfig): ListenerTuning {
  return {
    maxClients: limits.maxClients,
    keepAliveMs: limits.tcpKeepAliveMs,
    idleTimeoutMs: limits.clientIdleTimeoutMs,
  };
}

function addListenerMetrics(metrics: MetricsRegistry, traffic: ListenerTraffic): void {
  metrics.counter({
    ...METRICS.networkBytes,
    labelNames: ['link', 'direction'],
    read: () => [
      { labels: { link: 'client', direction: 'in' }, value: traffic.bytesIn },
      { labels: { link: 'client', direction: 'out' }, value: traffic.bytesOut },
    ],
  });
  metrics.counter({
    ...METRICS.connectionsAccepted,
    labelNames: [],
    read: () => [{ labels: {}, value: traffic.accepted }],
  });
  metrics.counter({
    ...METRICS.connectionsRefused,
    labelNames: [],
    read: () => [{ labels: {}, value: traffic.refused }],
  });
}
