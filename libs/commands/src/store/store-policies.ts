import { POLICY_NAMES, REDIS_POLICIES, STORE_PRESETS, STORE_TYPES } from '#libs/cluster';
import { POLICIES } from '#libs/engine';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { replyFields } from './definition-reply.js';

/** STORE POLICIES: the eviction policies, what they do, and what Redis calls them. */
export const storePolicies = defineGatewayCommand({
  id: 916,
  name: 'store|policies',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns the eviction policies.',
  complexity: 'O(1)',
  run: (context: GatewayContext) => {
    const { reply } = context;
    const rows = policyRows();
    reply.arrayHeader(rows.length);
    for (const row of rows) {
      replyFields(reply, [
        ['name', row.name],
        ['doc', row.doc],
        ['bytes_per_entry', row.bytesPerEntry],
        ['redis_names', row.redisNames.join(', ')],
        ['default_of', row.defaultOf.join(', ')],
      ]);
    }
  },
});

export interface PolicyRow {
  readonly name: string;
  readonly doc: string;
  /** Beside what every entry costs. */
  readonly bytesPerEntry: number;
  readonly redisNames: readonly string[];
  /** Store types whose preset it is. */
  readonly defaultOf: readonly string[];
}

export function policyRows(): readonly PolicyRow[] {
  const rows: Readonly<Record<string, Pick<PolicyRow, 'doc' | 'bytesPerEntry'> | undefined>> = POLICIES;
  return POLICY_NAMES.flatMap((name) => {
    const row = rows[name];
    if (row === undefined) return [];
    const { doc, bytesPerEntry } = row;
    const redisNames = [...REDIS_POLICIES].filter(([, { policy }]) => policy === name).map(([redisName]) => redisName);
    const defaultOf = STORE_TYPES.filter((type) => STORE_PRESETS[type].policy === name);
    return [{ name, doc, bytesPerEntry, redisNames, defaultOf }];
  });
}
