import type { TableStore } from '#libs/cluster';
import type { GatewayContext } from '../gateway-context.js';
import { argumentText } from '../request.js';

/** Names of stores that an error lists. */
const MAX_LISTED = 10;

/** The store that an argument names; answers the error, which says what there is, where there is none. */
export function knownStore(context: GatewayContext, index: number): TableStore | undefined {
  const name = argumentText(context.request, index);
  const stores = context.stores();
  const store = stores.find((each) => each.name === name);
  if (store !== undefined) return store;
  const names = stores.slice(0, MAX_LISTED).map((each) => each.name);
  const more = stores.length > MAX_LISTED ? ', ...' : '';
  context.reply.error(
    `ERR unknown store: there is no store ${JSON.stringify(name.slice(0, 64))}; stores: ${names.join(', ')}${more}`,
  );
  return undefined;
}
