// Named histories, each with a transcript under test/transcripts/raft that a reader can follow. After a change that is meant:
// UPDATE_TRANSCRIPTS=1 npm run jest -- libs/raft/src/scenarios, then read what git shows.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ELECTION_SCENARIOS } from './elections.support.spec.js';
import { LOG_SCENARIOS } from './log.support.spec.js';
import { MEMBER_SCENARIOS } from './members.support.spec.js';
import { PERSISTENCE_SCENARIOS } from './persistence.support.spec.js';
import { READ_SCENARIOS } from './reads.support.spec.js';
import type { Scenario } from './scenario.support.spec.js';
import { SNAPSHOT_SCENARIOS } from './snapshots.support.spec.js';
import { TRANSFER_SCENARIOS } from './transfer.support.spec.js';

const FOLDER = join(import.meta.dirname, '../../../../test/transcripts/raft');
const IS_UPDATE = process.env.UPDATE_TRANSCRIPTS === '1';

const GROUPS: Readonly<Record<string, readonly Scenario[]>> = {
  elections: ELECTION_SCENARIOS,
  'the log': LOG_SCENARIOS,
  reads: READ_SCENARIOS,
  transfer: TRANSFER_SCENARIOS,
  membership: MEMBER_SCENARIOS,
  snapshots: SNAPSHOT_SCENARIOS,
  persistence: PERSISTENCE_SCENARIOS,
};

const pathOf = (name: string): string => join(FOLDER, `${name}.txt`);

function textOf({ name, shows, play }: Scenario): string {
  return [name, shows, '', ...play(), ''].join('\n');
}

describe.each(Object.entries(GROUPS))('%s', (_, scenarios) => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
    const text = textOf(scenario);
    if (IS_UPDATE) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(pathOf(name), text);
    }
    expect(existsSync(pathOf(name)) ? readFileSync(pathOf(name), 'utf8') : '').toBe(text);
  });
});

describe('transcripts', () => {
  it('are of scenarios that exist', () => {
    const names = Object.values(GROUPS).flatMap((scenarios) => scenarios.map(({ name }) => `${name}.txt`));
    expect(readdirSync(FOLDER).sort()).toEqual(names.sort());
  });
});
