import type { SlotRange } from '../gateway-context.js';

/** Slot ranges by the Redis id of the gateway that is asked for them, in the order of their first range. */
export function rangesByGateway(ranges: readonly SlotRange[]): ReadonlyMap<string, readonly SlotRange[]> {
  const grouped = new Map<string, SlotRange[]>();
  for (const range of ranges) {
    const list = grouped.get(range.gateway.redisId);
    if (list === undefined) grouped.set(range.gateway.redisId, [range]);
    else list.push(range);
  }
  return grouped;
}
