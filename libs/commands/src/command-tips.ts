import type { CommandRow, ReplyMerge } from './command-row.js';

const RESPONSE_POLICIES: Partial<Record<ReplyMerge, string>> = {
  sum: 'response_policy:agg_sum',
  ok: 'response_policy:all_succeeded',
};

/** Tips of COMMAND INFO for proxies and cluster clients: the row's own, and how its replies are split and merged. */
export function commandTips(command: CommandRow): readonly string[] {
  const tips: string[] = [];
  if (command.route === 'split') tips.push('request_policy:multi_shard');
  if (command.route === 'all') tips.push('request_policy:all_shards');
  const policy = command.merge === undefined ? undefined : RESPONSE_POLICIES[command.merge];
  if (policy !== undefined) tips.push(policy);
  return [...tips, ...command.tips];
}
