/** Refusals of store definitions with the fields of bodies, one element of `errors` for each fault. */
import { inWordsOf, type StoreFieldWords } from '#libs/cluster';
import { failure, problem, ProblemException, type FieldFault } from './problem.js';

const WORDS: StoreFieldWords = {
  memoryLimitBytes: 'memory_limit_bytes',
  evictionScope: 'eviction_scope',
  defaultTtlMs: 'default_ttl_ms',
  idleTtlMs: 'idle_ttl_ms',
  maxTtlMs: 'max_ttl_ms',
  ttlPrefixes: 'ttl_prefixes',
  'filter.falsePositiveRate': 'filter.false_positive_rate',
  'filter.nearStalenessMs': 'filter.near_staleness_ms',
};
const FIELDS = ['name', 'type', 'policy', 'replicas', ...Object.values(WORDS)];
const BETWEEN = new RegExp(`; (?=(?:${FIELDS.join('|')})[ :])`);

/** The 400 of a refusal such as `memoryLimitBytes 5: use …; idleTtlMs 7: …`. */
export function refusedDefinition(reason: string): ProblemException {
  const detail = inWordsOf(WORDS, reason);
  const faults = detail.split(BETWEEN).flatMap(faultOf);
  return faults.length === 0
    ? failure('INVALID_REQUEST', detail)
    : new ProblemException(problem('INVALID_REQUEST', detail, faults));
}

/** Of `memory_limit_bytes 5: use …`. */
function faultOf(text: string): readonly FieldFault[] {
  const found = /^([a-z_.]+)(?: ("(?:[^"\\]|\\.)*"(?: \S+)?|\S+))?: (?:use )?(.*)$/s.exec(text);
  if (found === null || !FIELDS.includes(found[1])) return [];
  return [{ field: found[1], value: found[2] ?? '', allowed: found[3] }];
}
