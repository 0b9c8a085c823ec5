// Misses of every eviction policy on a trace of requests, against what is published for it; generated traces without one
import { saveResult } from './charts/save-result.js';
import { DEFAULT_POLICY, POLICY_NAMES } from '#libs/engine';
import { EngineCache } from './eviction/engine-cache.js';
import { choosePlays, expectedMisses, parseEvictionOptions, USAGE } from './eviction/options.js';
import { replay } from './eviction/replay.js';
import { evictionText, evictionVerdictText } from './eviction/report.js';
import { type PolicyResult, verdictsOf } from './eviction/verdicts.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { progress, runSuite } from './lib/suite.js';

const WITHOUT_FILE =
  'no trace file: playing generated traces (bench/eviction/trace.ts describes the format, --trace <file> names one)';

await runSuite(USAGE, async (args) => {
  const options = parseEvictionOptions(args, POLICY_NAMES);
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const warning = busyWarning(machine);
  if (options.traceFile === undefined) progress(WITHOUT_FILE);
  const results: PolicyResult[] = [];
  for (const play of choosePlays(options)) {
    const { trace, sizes } = play;
    for (const policy of POLICY_NAMES) {
      if (!options.policies.includes(policy)) continue;
      progress(`${trace.name}: ${policy}`);
      for (const cacheBytes of sizes) {
        const { misses, nsPerRequest } = replay(trace, new EngineCache(policy, cacheBytes));
        const published = expectedMisses(play, policy, cacheBytes);
        results.push({
          trace: trace.name,
          policy,
          cacheBytes,
          requests: trace.objects.length,
          misses,
          nsPerRequest,
          ...(published !== undefined && { expectedMisses: published }),
        });
      }
    }
  }
  const verdicts = verdictsOf(results, DEFAULT_POLICY.name);
  console.log(`\n${machineText(machine)}\n\n${evictionText(results)}`);
  if (verdicts.length > 0) console.log(`\n${evictionVerdictText(verdicts)}`);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (options.save) {
    await saveResult({ suite: 'eviction', startedAt, machine, options, verdicts, results });
  }
  return options.check && verdicts.some(({ reached }) => !reached) ? 1 : 0;
});
