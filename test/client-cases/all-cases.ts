// The one list of what every client must be able to do, in both ways of running HyperCache.
import { commandCases } from './command-cases.js';
import { connectionCases } from './connection-cases.js';
import { ioredisCases } from './ioredis-cases.js';
import { nodeRedisCases } from './node-redis-cases.js';
import { passwordCases } from './password-cases.js';
import { redisToolsCases } from './redis-tools-cases.js';
import { sizeCases } from './size-cases.js';
import { withRaw, type AskTarget } from './target.js';

/** Settings of the services that the cases count on; 40 MiB take their time on a machine that does other things too. */
export const CASES_ENVIRONMENT = {
  HC_STORES: '[{"name":"sessions","memory_limit":"64mb"}]',
  HC_REQUEST_TIMEOUT_MS: '15000',
};

export function allCases(target: AskTarget): void {
  beforeEach(async () => {
    const flushed = await withRaw(target().respPorts[0], (raw) => raw.run('FLUSHALL'));
    if (flushed !== 'OK') throw new Error(`FLUSHALL answered ${String(flushed)}`);
  });
  commandCases(target);
  connectionCases(target);
  ioredisCases(target);
  nodeRedisCases(target);
  redisToolsCases(target);
  sizeCases(target);
  passwordCases(target);
}
