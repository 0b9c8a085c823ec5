import { failWith } from '../replies.js';
import type { GatewayContext } from '../gateway-context.js';
import { argumentText, quotedText } from '../request.js';

const CLIENT_TYPES: ReadonlySet<string> = new Set(['normal', 'master', 'replica', 'slave', 'pubsub']);

/** The client type that an argument names, undefined after an error was answered. Every client here is `normal`. */
export function clientTypeArgument(context: GatewayContext, index: number): string | undefined {
  const type = argumentText(context.request, index).toLowerCase();
  if (CLIENT_TYPES.has(type)) return type;
  failWith(context, `ERR Unknown client type '${quotedText(context.request, index)}'`);
  return undefined;
}
