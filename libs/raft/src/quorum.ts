import type { Configuration, NodeId } from './configuration.js';

export type VoteResult = 'won' | 'lost' | 'pending';

/** True where a majority of the voters, in a joint configuration of both sets, has the property. */
export function hasQuorum({ voters, outgoing }: Configuration, has: (id: NodeId) => boolean): boolean {
  return hasMajority(voters, has) && (outgoing.length === 0 || hasMajority(outgoing, has));
}

/** An election is lost once a quorum cannot be had any more. */
export function voteResult(configuration: Configuration, votes: ReadonlyMap<NodeId, boolean>): VoteResult {
  if (hasQuorum(configuration, (id) => votes.get(id) === true)) return 'won';
  return hasQuorum(configuration, (id) => votes.get(id) !== false) ? 'pending' : 'lost';
}

/** The highest index up to which a quorum has the log; `matchOf` says it for one voter. */
export function quorumIndex({ voters, outgoing }: Configuration, matchOf: (id: NodeId) => number): number {
  const index = majorityIndex(voters, matchOf);
  return outgoing.length === 0 ? index : Math.min(index, majorityIndex(outgoing, matchOf));
}

function hasMajority(ids: readonly NodeId[], has: (id: NodeId) => boolean): boolean {
  let count = 0;
  for (const id of ids) if (has(id)) count++;
  return count * 2 > ids.length;
}

function majorityIndex(ids: readonly NodeId[], matchOf: (id: NodeId) => number): number {
  if (ids.length === 0) return 0;
  const matches = ids.map(matchOf).sort((a, b) => b - a);
  return matches[ids.length >> 1];
}
