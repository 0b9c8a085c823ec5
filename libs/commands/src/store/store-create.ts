import { storeFromPreset, type StoreFilter, type TtlPrefix } from '#libs/cluster';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { argumentText } from '../request.js';
import { replyToChange } from './change-reply.js';
import { STORE_OPTION_DOCS, storeOptions } from './store-options.js';

/** STORE CREATE name [option value …]: a new store on every node. */
export const storeCreate = defineGatewayCommand({
  id: 911,
  name: 'store|create',
  arity: -3,
  flags: ['admin', 'noscript'],
  group: 'store',
  since: 'hypercache',
  summary: 'Creates a store; what is not given follows from its type.',
  complexity: 'O(1)',
  arguments: [{ name: 'name', type: 'string' }, ...STORE_OPTION_DOCS],
  run,
});

function run(context: GatewayContext): void {
  const { request } = context;
  const options = storeOptions(request, 3);
  if (typeof options === 'string') return void failWith(context, `ERR STORE CREATE: ${options}`);
  const { type = 'general', ttlPrefixChanges = [], filter, ...given } = options;
  const replicas = given.replicas ?? context.cluster.defaultReplicas;
  const preset = storeFromPreset(type, { ...given, replicas, name: argumentText(request, 2) });
  const ttlPrefixes = ttlPrefixChanges.filter((prefix): prefix is TtlPrefix => prefix.ttlMs !== undefined);
  const whole: StoreFilter = { ...preset.filter, ...filter };
  const definition = { ...preset, ttlPrefixes, filter: whole };
  context.changeCluster([{ type: 'CreateStore', definition }], replyToChange);
}
