/**
 * Draws what goes wrong next. Each draw depends on the seed and on the draws before it alone, never on what happened
 * meanwhile, so a seed gives the same faults on any machine; only how many of them fit the time differs.
 *
 * At most two faults overlap: with more, hardly a request is answered, and little is learned. Where the first one moves
 * partitions or fills a disk, the second may hit the very node that it is about, which chance would rarely do.
 */
import { SimRng } from '#libs/simulator';
import { CUTS, type Episode, type Fault, type FaultAction, type FaultKind, NATS } from './fault.js';

/** Who may be hit. */
export interface Cast {
  readonly storage: readonly string[];
  readonly coordinators: readonly string[];
  readonly gateways: readonly string[];
  /** The storage node that joins and leaves. */
  readonly newcomer: string;
}

const MIN_CALM_MS = 300;
const MAX_CALM_MS = 2_500;
const SECOND_FAULT_RATE = 0.45;
/** Of the second faults that could: how many hit the node that the first one is about. */
const SAME_NODE_RATE = 0.4;
/** How often all processes of a role go at once, and how often of the cluster. */
const ROLE_RATE = 0.08;
const EVERYBODY_RATE = 0.04;
const QUICK_RESTART_RATE = 0.4;

const DURATIONS_MS: Readonly<Record<FaultKind, readonly [number, number]>> = {
  kill: [200, 5_000],
  pause: [200, 5_000],
  nats: [100, 4_000],
  partition: [200, 6_000],
  disk: [500, 5_000],
  join: [1_000, 9_000],
  drain: [300, 6_000],
};
const QUICK_MS = 200;

/** What a seed does to a cluster, without end. */
export function* episodesOf(seed: number, cast: Cast, kinds: readonly FaultKind[]): Generator<Episode, never> {
  const rng = new SimRng(seed).fork('faults');
  for (;;) yield drawEpisode(rng, cast, kinds);
}

function drawEpisode(rng: SimRng, cast: Cast, kinds: readonly FaultKind[]): Episode {
  const calmMs = Math.round(rng.between(MIN_CALM_MS, MAX_CALM_MS));
  const first = drawFault(rng, cast, rng.pick(kinds), 0);
  // Drawn whether it is used or not, so that what is used changes nothing of what is drawn later.
  const kind = rng.pick(kinds);
  const delayMs = Math.round(rng.between(0, first.lastsMs));
  const second = aimed(rng, drawFault(rng, cast, kind, delayMs), first);
  const isDouble = rng.chance(SECOND_FAULT_RATE) && canOverlap(first, second);
  return { calmMs, faults: isDouble ? [first, second] : [first] };
}

function drawFault(rng: SimRng, cast: Cast, kind: FaultKind, delayMs: number): Fault {
  const [shortest, longest] = DURATIONS_MS[kind];
  const isQuick = rng.chance(QUICK_RESTART_RATE) && (kind === 'kill' || kind === 'nats');
  const lastsMs = Math.round(isQuick ? rng.between(0, QUICK_MS) : rng.between(shortest, longest));
  return { ...drawAction(rng, kind), targets: drawTargets(rng, cast, kind), delayMs, lastsMs };
}

function drawAction(rng: SimRng, kind: FaultKind): FaultAction {
  switch (kind) {
    case 'nats':
      return { kind, way: rng.chance(0.7) ? 'kill' : 'pause' };
    case 'partition':
      return { kind, way: rng.chance(0.5) ? 'both' : rng.pick(CUTS) };
    case 'drain':
      return { kind, way: rng.chance(0.5) ? 'command' : 'stop' };
    default:
      return { kind };
  }
}

function drawTargets(rng: SimRng, cast: Cast, kind: FaultKind): readonly string[] {
  const { storage, coordinators, gateways, newcomer } = cast;
  switch (kind) {
    case 'nats':
      return [NATS];
    case 'join':
      return [newcomer];
    case 'disk':
    case 'drain':
      return [rng.pick(storage)];
    case 'pause':
    case 'partition':
    case 'kill': {
      // Storage nodes hold what can be lost, so half of all faults are theirs.
      const role = rng.pick([storage, storage, coordinators, gateways]);
      const one = rng.pick(role);
      if (rng.chance(EVERYBODY_RATE)) return [...storage, ...coordinators, ...gateways];
      return rng.chance(ROLE_RATE) ? role : [one];
    }
  }
}

/** The second fault, perhaps at the node of the first. */
function aimed(rng: SimRng, second: Fault, first: Fault): Fault {
  const isAimed = rng.chance(SAME_NODE_RATE) && hitsProcesses(second);
  return isAimed && isAboutItsNode(first) ? { ...second, targets: first.targets } : second;
}

const hitsProcesses = ({ kind }: Fault): boolean => kind === 'kill' || kind === 'pause' || kind === 'partition';
/** Whether a node can suffer from it and from something else at once. */
const isAboutItsNode = (fault: Fault): boolean =>
  fault.kind === 'join' || fault.kind === 'disk' || (fault.kind === 'drain' && fault.way === 'command');

function canOverlap(first: Fault, second: Fault): boolean {
  if (isAboutItsNode(first) && hitsProcesses(second)) return true;
  return !second.targets.some((target) => first.targets.includes(target));
}
