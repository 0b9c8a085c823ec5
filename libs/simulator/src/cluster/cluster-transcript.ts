import { decodeMessage, messageText } from '#libs/raft';
import { subjectsOf } from '#libs/wire';
import { CLUSTER_NAME } from '../cluster-settings.js';
import type { Passage } from '../sim-network.js';

const RAFT_PREFIX = subjectsOf(CLUSTER_NAME).raft(1).slice(0, -1);

/** Raft's messages but for heartbeats; what else passes shows in the log lines of those that it reaches. */
export function tellMessage({ from, to, subject, payload }: Passage, note: (text: string) => void): void {
  if (!subject.startsWith(RAFT_PREFIX) || subject.endsWith('.refused')) return;
  const { message } = decodeMessage(payload);
  if (message.type === 'heartbeat' || message.type === 'heartbeat-reply') return;
  note(`${from} -> ${to}  ${messageText(message)}`);
}
