import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';

/**
 * True where the gateway presents itself as a node of a Redis Cluster. Else the error was answered that tells cluster
 * clients to fall back to a plain connection.
 */
export function isClusterMode(context: GatewayContext): boolean {
  if (context.cluster.mode === 'cluster') return true;
  failWith(context, 'ERR This instance has cluster support disabled');
  return false;
}
