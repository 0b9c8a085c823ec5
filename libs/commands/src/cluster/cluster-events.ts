import { CLUSTER_LIMITS, type AnyEventNotice } from '#libs/cluster';
import { utf8Bytes } from '#libs/kernel';
import type { ReplyWriter } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { EventsOutcome, GatewayContext } from '../gateway-context.js';
import { integerArgument } from '../number-arguments.js';
import { failWith } from '../replies.js';
import { argumentIs } from '../request.js';

/** CLUSTER EVENTS [SINCE index] [COUNT n]: what has happened to the cluster, as coordinators remember it. */
export const clusterEvents = defineGatewayCommand({
  id: 235,
  name: 'cluster|events',
  arity: -2,
  flags: ['stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Returns the last events of the cluster, or those from an index on.',
  complexity: 'O(N) where N is the number of events.',
  arguments: [
    { name: 'index', type: 'integer', token: 'SINCE', optional: true },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  tips: ['nondeterministic_output'],
  run,
});

const DEFAULT_COUNT = 20;

function run(context: GatewayContext): void {
  const { request } = context;
  const { maxListedEvents } = CLUSTER_LIMITS;
  let since = 0;
  let count = DEFAULT_COUNT;
  for (let i = 2; i < request.count; i += 2) {
    const isSince = argumentIs(request, i, 'since');
    if (!isSince && !argumentIs(request, i, 'count')) {
      return void failWith(context, 'ERR CLUSTER EVENTS: use SINCE index and COUNT n');
    }
    const value = i + 1 < request.count ? integerArgument(request, i + 1) : undefined;
    const [least, most] = isSince ? [0, Number.MAX_SAFE_INTEGER] : [1, maxListedEvents];
    if (value === undefined || value < least || value > most) {
      return void failWith(context, `ERR CLUSTER EVENTS: ${isSince ? 'SINCE' : 'COUNT'} is from ${least} to ${most}`);
    }
    if (isSince) since = value;
    else count = value;
  }
  context.clusterEvents({ since, limit: count }, writeOutcome);
}

function writeOutcome(reply: ReplyWriter, outcome: EventsOutcome): void {
  if (!outcome.ok) return reply.error(`CLUSTERDOWN ${outcome.reason}`);
  reply.mapHeader(3);
  reply.bulkText('first_index');
  reply.integer(outcome.firstIndex);
  reply.bulkText('last_index');
  reply.integer(outcome.lastIndex);
  reply.bulkText('events');
  reply.arrayHeader(outcome.notices.length);
  for (const notice of outcome.notices) writeNotice(reply, notice);
}

function writeNotice(reply: ReplyWriter, { index, atMs, name, fields }: AnyEventNotice): void {
  reply.mapHeader(4);
  reply.bulkText('index');
  reply.integer(index);
  reply.bulkText('time_ms');
  reply.integer(atMs);
  reply.bulkText('name');
  reply.bulkText(name);
  reply.bulkText('fields');
  const entries = Object.entries(fields);
  reply.mapHeader(entries.length);
  for (const [field, value] of entries) {
    reply.bulkText(field);
    const bytes = utf8Bytes(value);
    reply.bulk(bytes, 0, bytes.length);
  }
}
