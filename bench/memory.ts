// Bytes per key beyond the data: the engine's account, and resident memory beside redis-server and memcached
import { join } from 'node:path';
import { saveResult } from './charts/save-result.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { resultOf } from './lib/run-program.js';
import { progress, runSuite } from './lib/suite.js';
import { measureResident } from './memory/measure-resident.js';
import { type Accounting, type Resident, verdictsOf } from './memory/measurement.js';
import { parseMemoryOptions, USAGE } from './memory/options.js';
import { accountingText, memoryVerdictText, residentText } from './memory/report.js';

const ACCOUNT = join(import.meta.dirname, 'memory', 'account-engine.js');
const PROGRAMS = { hypercache: [], redis: ['redis-server'], memcached: ['memcached'] } as const;
const WITHOUT_AND_WITH_EXPIRY = [false, true];

await runSuite(USAGE, async (args) => {
  const options = parseMemoryOptions(args);
  const { keys, warmKeys, worstFrom, servers } = options;
  const startedAt = new Date();
  const machine = await machineFacts(servers.flatMap((server) => PROGRAMS[server]));
  const warning = busyWarning(machine);
  const accountings: Accounting[] = [];
  const residents: Resident[] = [];
  for (const expiring of WITHOUT_AND_WITH_EXPIRY) {
    progress(`account of ${keys} keys${expiring ? ' that expire' : ''}`);
    accountings.push(await resultOf<Accounting>(ACCOUNT, [keys, worstFrom, expiring ? 1 : 0]));
  }
  for (const server of servers) {
    for (const expiring of WITHOUT_AND_WITH_EXPIRY) {
      progress(`${server}: ${keys} keys${expiring ? ' that expire' : ''}`);
      residents.push(await measureResident(server, { warmKeys, keys }, expiring));
    }
  }
  const verdicts = verdictsOf(accountings, residents);
  const sections = [machineText(machine), accountingText(accountings)];
  if (residents.length > 0) sections.push(residentText(residents));
  console.log(`\n${[...sections, memoryVerdictText(verdicts)].join('\n\n')}`);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (options.save) {
    await saveResult({ suite: 'memory', startedAt, machine, options, verdicts, accountings, residents });
  }
  return options.check && verdicts.some(({ reached }) => !reached) ? 1 : 0;
});
