import { inWordsOf, type ChangeOutcome, type StoreFieldWords } from '#libs/cluster';
import type { ReplyWriter } from '#libs/resp';

/** Fields of definitions as the options of STORE CREATE and STORE ALTER call them. */
const OPTION_WORDS: StoreFieldWords = {
  type: 'TYPE',
  policy: 'POLICY',
  memoryLimitBytes: 'MAXMEMORY',
  evictionScope: 'SCOPE',
  defaultTtlMs: 'TTL',
  idleTtlMs: 'IDLE',
  maxTtlMs: 'MAXTTL',
  ttlPrefixes: 'TTLPREFIX',
  replicas: 'REPLICAS',
  'filter.falsePositiveRate': 'FILTER',
  'filter.nearStalenessMs': 'NEAR-FILTER-STALENESS-MS',
};

/** What a client hears of a change that it asked for: OK, or why it was not made. */
export function replyToChange(reply: ReplyWriter, outcome: ChangeOutcome): void {
  if (outcome.ok) reply.ok();
  else reply.error(`${prefixOf(outcome.code)} ${inWordsOf(OPTION_WORDS, outcome.reason)}`);
}

function prefixOf(code: Exclude<ChangeOutcome, { ok: true }>['code']): string {
  if (code === 'unavailable' || code === 'no-quorum') return 'CLUSTERDOWN';
  return code === 'timeout' ? 'TIMEOUT' : 'ERR';
}
