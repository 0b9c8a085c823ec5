/** A message in a line, for logs and transcripts: `append t3 4@2 +2 commit 4` is an append of term 3 behind entry 4 of term 2. */
import { assertNever } from '#libs/kernel';
import { ENTRY_TYPES, type Entry } from './entry.js';
import type { Message } from './messages.js';

/** Up to so many entries are told one by one. */
const TOLD_ENTRIES = 4;

export function messageText(message: Message): string {
  const term = `t${message.term}`;
  switch (message.type) {
    case 'vote-request': {
      const kind = message.pre ? 'pre-vote?' : message.transfer ? 'vote? (transfer)' : 'vote?';
      return `${kind} ${term} log ends ${message.lastIndex}@${message.lastTerm}`;
    }
    case 'vote-reply':
      return `${message.pre ? 'pre-vote' : 'vote'} ${message.granted ? 'granted' : 'refused'} ${term}`;
    case 'timeout-now':
      return `timeout-now ${term}`;
    case 'append':
      return `append ${term} ${message.prevIndex}@${message.prevTerm}${entriesText(message.entries)} commit ${message.commit}`;
    case 'append-reply':
      return message.rejected
        ? `append refused ${term} at ${message.index}, try ${message.hintIndex}@${message.hintTerm}`
        : `append ok ${term} up to ${message.index}`;
    case 'heartbeat':
      return `heartbeat ${term} round ${message.round} commit ${message.commit}`;
    case 'heartbeat-reply':
      return `heartbeat ok ${term} round ${message.round}`;
    case 'snapshot':
      return `snapshot ${term} ${message.head.index}@${message.head.term} bytes ${message.offset}+${message.data.length} of ${message.head.totalBytes}`;
    case 'snapshot-reply':
      return `snapshot ${message.index} ${term} next byte ${message.nextOffset}`;
    default:
      return assertNever(message);
  }
}

function entriesText(entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  if (entries.length > TOLD_ENTRIES) return ` +${entries.length} entries`;
  return ` +[${entries.map(entryText).join(' ')}]`;
}

function entryText({ index, term, type }: Entry): string {
  const kind = type === ENTRY_TYPES.EMPTY ? ' empty' : type === ENTRY_TYPES.CONFIGURATION ? ' members' : '';
  return `${index}@${term}${kind}`;
}
