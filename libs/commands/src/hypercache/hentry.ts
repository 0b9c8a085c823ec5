import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { ABSENT, NO_EXPIRY, VALUE_TYPES, type StorageContext } from '../storage-context.js';
import { replyTime } from './reply-time.js';

const FIELDS = 7;

/**
 * HENTRY key: a map of what the store keeps beside the value, or nil. Counts as no use. Times are milliseconds since 1970,
 * nil where the store does not keep them; `ttl_ms` is -1 for an entry that stays.
 */
export const hentry = defineStorageCommand({
  id: 930,
  name: 'hentry',
  arity: 2,
  route: 'key',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO']],
  group: 'hypercache',
  since: 'hypercache',
  summary: 'Returns type, size, version, time to live, and times of creation and last change of a key.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute,
});

function execute({ keyspace, reply, nowMs }: StorageContext): Outcome {
  const ref = keyspace.peek(1);
  if (ref === ABSENT) {
    reply.nullBulk();
    return 'done';
  }
  const createdAtMs = keyspace.createdAtMs(1, ref);
  const modifiedAtMs = keyspace.modifiedAtMs(1, ref);
  const goesAtMs = keyspace.goesAtMs(1, ref);
  const { type, keyLength, valueLength, version } = keyspace.view(ref);
  reply.mapHeader(FIELDS);
  reply.bulkText('type');
  reply.bulkText(VALUE_TYPES[type]);
  reply.bulkText('key_bytes');
  reply.integer(keyLength);
  reply.bulkText('value_bytes');
  reply.integer(valueLength);
  reply.bulkText('version');
  reply.integer(version);
  reply.bulkText('ttl_ms');
  reply.integer(goesAtMs === NO_EXPIRY ? -1 : Math.max(0, goesAtMs - nowMs));
  reply.bulkText('created_at_ms');
  replyTime(reply, createdAtMs);
  reply.bulkText('modified_at_ms');
  replyTime(reply, modifiedAtMs);
  return 'done';
}
