import type { StoreFilter } from '#libs/cluster';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { oneOf, word } from '../argument-docs.js';
import { onOffArgument } from '../on-off-argument.js';
import { failWith } from '../replies.js';
import { argumentIs, argumentText, quotedText, type Request } from '../request.js';
import { replyToChange } from '../store/change-reply.js';
import { rateArgument, timeArgument } from '../store/store-options.js';

/** HSET_FILTER store setting value: changes one setting of a store's filter. */
export const hsetFilter = defineGatewayCommand({
  id: 924,
  name: 'hset_filter',
  arity: 4,
  flags: ['admin', 'noscript'],
  group: 'store',
  since: 'hypercache',
  summary: 'Changes a setting of the filter of a store.',
  complexity: 'O(1); the filter is built again in steps.',
  arguments: [
    { name: 'store', type: 'string' },
    oneOf('setting', [word('enabled'), word('false_positive_rate'), word('near-staleness-ms')]),
    { name: 'value', type: 'string' },
  ],
  run,
});

function run(context: GatewayContext): void {
  const filter = filterOf(context.request);
  if (typeof filter === 'string') return void failWith(context, `ERR HSET_FILTER: ${filter}`);
  const name = argumentText(context.request, 1);
  context.changeCluster([{ type: 'AlterStore', name, changes: { filter } }], replyToChange);
}

function filterOf(request: Request): Partial<StoreFilter> | string {
  const value = quotedText(request, 3, 64);
  if (argumentIs(request, 2, 'enabled')) {
    const enabled = onOffArgument(request, 3);
    return enabled === undefined ? `enabled '${value}': use on or off` : { enabled };
  }
  if (argumentIs(request, 2, 'false_positive_rate')) {
    const falsePositiveRate = rateArgument(request, 3);
    return falsePositiveRate === undefined
      ? `false_positive_rate '${value}': use a share such as 0.01`
      : { falsePositiveRate };
  }
  if (argumentIs(request, 2, 'near-staleness-ms') || argumentIs(request, 2, 'near_staleness_ms')) {
    const nearStalenessMs = timeArgument(request, 3);
    return nearStalenessMs === undefined
      ? `near-staleness-ms '${value}': use milliseconds, or 0 for no copies at gateways`
      : { nearStalenessMs };
  }
  return `unknown setting '${quotedText(request, 2, 64)}'; use enabled, false_positive_rate or near-staleness-ms`;
}
