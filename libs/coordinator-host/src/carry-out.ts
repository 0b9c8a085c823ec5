import type { ChangeReply, ChangeRequest, ClusterChange } from '#libs/cluster';
import type { GroupMembers } from './group/group-members.js';
import type { StateKeeper } from './state/state-keeper.js';

/** Carries out changes that somebody asked for, all or none, and says so once the group has agreed. */
export function carryOut(
  { requestId, changes }: ChangeRequest,
  keeper: StateKeeper,
  coordinators: GroupMembers,
  onDone: (reply: ChangeReply) => void,
): void {
  if (keeper.state.table === undefined) return onDone(unavailable('no cluster has been formed yet'));
  // The table does not say who votes among the coordinators.
  const obstacle = coordinators.whyIndispensable(forgottenBy(changes));
  if (obstacle !== undefined) return onDone({ accepted: false, code: 'invalid', reason: obstacle });
  const outcome = keeper.apply({ type: 'Change', requestId, changes, coordinators: coordinators.names });
  const { eventIndex, requests, table: changed } = keeper.state;
  if (!outcome.ok) {
    const { reason, code = 'unavailable' } = outcome;
    return keeper.whenAgreed(eventIndex, () => onDone({ accepted: false, code, reason }));
  }
  const tableVersion = requests.get(requestId) ?? changed?.tableVersion ?? 0;
  keeper.whenAgreed(eventIndex, () => onDone({ accepted: true, tableVersion }));
}

function forgottenBy(changes: readonly ClusterChange[]): string[] {
  return changes.flatMap((change) => (change.type === 'ForgetNode' ? [change.nodeId] : []));
}

function unavailable(reason: string): ChangeReply {
  return { accepted: false, code: 'unavailable', reason };
}
