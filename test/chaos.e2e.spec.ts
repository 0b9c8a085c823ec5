// `npm run chaos` as a process: a short run with kills and pauses in which nothing may be found, and one that must find that
// acknowledged writes are lost, since nothing is kept over restarts there.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Cast, episodesOf } from '../chaos/nemesis/draw-episode.js';
import type { Episode, FaultKind } from '../chaos/nemesis/fault.js';
import { ensureBuilt, temporaryFolder } from './support/hypercache.js';
import { ROOT } from './support/source-tree.js';

const LIMIT_MS = 240_000;
/** Calm, faults and their delays, without the time that starting takes. */
const EARLY_MS = 6_000;

interface Run {
  readonly code: number | null;
  readonly output: string;
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function chaos(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  ensureBuilt();
  const child = spawn(process.execPath, [join(ROOT, 'scripts/chaos.mjs'), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

function resultsFolder(): string {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
}

const linesOf = (folder: string, file: string): string[] =>
  readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'); // prettier-ignore

/** The first seed that hits the storage node in each of these ways before long. */
function seedThat(kinds: readonly FaultKind[], cast: Cast): number {
  for (let seed = 1; ; seed++) {
    const hits = new Set<FaultKind>();
    let ms = 0;
    for (const episode of episodesOf(seed, cast, kinds)) {
      ms += lengthOf(episode);
      if (ms > EARLY_MS) break;
      for (const { kind, targets } of episode.faults) if (targets.includes(cast.storage[0])) hits.add(kind);
    }
    if (kinds.every((kind) => hits.has(kind))) return seed;
  }
}

const lengthOf = ({ calmMs, faults }: Episode): number =>
  calmMs + Math.max(...faults.map(({ delayMs, lastsMs }) => delayMs + lastsMs)); // prettier-ignore

describe('npm run chaos', () => {
  it('finds nothing where storage nodes are killed and paused', async () => {
    const cast = { storage: ['storage-1', 'storage-2'], coordinators: ['coordinator-1'], gateways: ['gateway-1'], newcomer: 'storage-3' }; // prettier-ignore
    const size = ['--storage', '2', '--coordinators', '1', '--gateways', '1', '--clients', '8'];
    const seed = seedThat(['kill', 'pause'], cast);
    const results = resultsFolder();
    const run = await chaos(['--minutes', '0.25', '--seed', `${seed}`, '--faults', 'kill,pause', ...size, '--results', results]); // prettier-ignore
    expect(run.output).toMatch(/PASS: 64 keys are linearizable/);
    expect(run.code).toBe(0);
    const history = linesOf(results, 'history.jsonl');
    expect(history.filter((line) => line.includes('"outcome":"ok"')).length).toBeGreaterThan(500);
    expect(linesOf(results, 'faults.jsonl').join()).toMatch(/storage-1/);
  }, LIMIT_MS); // prettier-ignore

  it('is not blind: it finds the acknowledged writes that a kill costs where nothing is kept', async () => {
    const cast = { storage: ['storage-1'], coordinators: ['coordinator-1'], gateways: ['gateway-1'], newcomer: 'storage-2' }; // prettier-ignore
    const size = ['--storage', '1', '--coordinators', '1', '--gateways', '1', '--clients', '8'];
    const seed = seedThat(['kill'], cast);
    const args = ['--minutes', '0.1', '--seed', `${seed}`, '--faults', 'kill', ...size, '--results', resultsFolder()];
    const run = await chaos(args, { HC_PERSISTENCE: 'false' });
    expect(run.output).toMatch(/is not linearizable/);
    expect(run.output).toMatch(/acknowledged writes are lost|has lost \d+ acknowledged/);
    expect(run.output).toMatch(/Faults at that time:\n +[\d.]+ s to [\d.]+ s: kill storage-1/);
    expect(run.output).toMatch(new RegExp(`To repeat: npm run chaos -- --seed ${seed} --minutes 0.1 --faults kill --storage 1`));
    expect(run.code).toBe(1);
  }, LIMIT_MS); // prettier-ignore

  it('does not run without what it was asked for, and says what is missing', async () => {
    const run = await chaos(['--faults', 'kill'], { NATS_SERVER: '/nowhere/nats-server' });
    expect(run.output).toMatch(/^chaos: NATS_SERVER: \/nowhere\/nats-server is no program that can be run$/m);
    expect(run.code).toBe(2);
    expect((await chaos(['--faults', 'kill,meteor'])).code).toBe(2);
  }, LIMIT_MS); // prettier-ignore
});
