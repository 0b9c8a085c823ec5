import type { ChangeReply, ChangeRequest } from '#libs/cluster';
import type { Publisher } from './publisher.js';
import type { StateKeeper } from './state-keeper.js';

/** Carries out changes that somebody asked for, all or none, and says so once they are durable. */
export function carryOut(
  { clusterId, requestId, changes }: ChangeRequest,
  keeper: StateKeeper,
  publisher: Publisher,
  onDone: (reply: ChangeReply) => void,
): void {
  const { table } = keeper.state;
  if (table === undefined) return onDone(unavailable('no cluster has been formed yet'));
  if (table.clusterId !== clusterId) return onDone(unavailable('this is the coordinator of another cluster'));
  const outcome = keeper.apply({ type: 'Change', requestId, changes });
  if (!outcome.ok) {
    const { reason, code = 'unavailable' } = outcome;
    return onDone({ accepted: false, code, reason });
  }
  const { eventIndex, requests, table: changed } = keeper.state;
  const tableVersion = requests.get(requestId) ?? changed?.tableVersion ?? 0;
  publisher.whenDurable(eventIndex, () => onDone({ accepted: true, tableVersion }));
}

function unavailable(reason: string): ChangeReply {
  return { accepted: false, code: 'unavailable', reason };
}
