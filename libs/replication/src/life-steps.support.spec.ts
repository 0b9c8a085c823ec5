import fc from 'fast-check';
import { GROUP_A, GROUP_B, GROUP_C, ModelWorld } from './model-world.support.spec.js';

/**
 * Steps of a life, each drawn as a number of its own, so that a failing life shrinks to the steps that matter. `a` and `b` choose
 * among what there is.
 */
type Step = (world: ModelWorld, a: number, b: number) => void;

const node = (world: ModelWorld, a: number) => world.nodes[a % world.nodes.length];
const group = (world: ModelWorld, b: number) => [...world.groups.keys()][b % world.groups.size];

/** One is so long that its record is as large as half a frame. */
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'long'.padEnd(120, '-')];

const write: Step = (world, a, b) => {
  const at = group(world, b);
  for (let i = a % 12; i >= 0; i--) world.primaryOf(at).write(at, KEYS[(a + i) % KEYS.length], a + i);
};

/** A while in which everything goes on as it should. */
const flow: Step = (world, a, b) => {
  world.nowMs += a % 20;
  const busy = node(world, a);
  busy.endTurn();
  for (let i = b % 8; i >= 0; i--) world.deliver(0, false);
  busy.saveSeals();
  busy.beginSync();
  if (b % 3 > 0) busy.endSync();
  if (b % 4 > 0) busy.answerRead();
};
const deliver: Step = (world, a) => world.deliver(a % 3 === 0 ? a >>> 2 : 0, false);

const USUAL: readonly Step[] = [
  write,
  flow,
  flow,
  (world, a) => node(world, a).endTurn(),
  deliver,
  deliver,
  (world, a) => node(world, a).beginSync(),
  (world, a) => node(world, a).endSync(),
];

const UNUSUAL: readonly Step[] = [
  (world, a) => {
    world.nowMs += a % 300;
    for (const each of world.nodes) each.tick();
  },
  (world, a) => world.deliver(a, true),
  (world, a) => world.drop(a),
  (world, a, b) => world.toggleCut(a % 3, b % 3),
  (world, a, b) => node(world, a).crash(b % 4),
  (world, a, b) => world.promote(group(world, b), world.holdersOf(group(world, b))[a % 2], a % 4 < 2),
  (world, a, b) => world.seal(group(world, b), world.holdersOf(group(world, b))[a % 2]),
  (world, _, b) => world.announce(group(world, b)),
  (world, _, b) => world.announce(group(world, b)),
  (world, _, b) => world.announce(group(world, b)),
  (world, a, b) => node(world, a).trim(group(world, b), a % 6),
  (world, a, b) => void (b % 3 === 0 ? node(world, a).full.add(group(world, b)) : node(world, a).full.clear()),
  (world, a) => void (node(world, a).isPressed = a % 2 === 0),
];

/** What is usual happens five times as often. */
export const STEPS: readonly Step[] = [
  ...USUAL,
  ...USUAL,
  ...USUAL,
  ...USUAL,
  ...USUAL,
  ...USUAL,
  ...USUAL,
  ...UNUSUAL,
];

export const LIFE = fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(1_000), fc.nat(1_000)), {
  minLength: 100,
  maxLength: 400,
  size: 'max',
});

export function newWorld(): ModelWorld {
  return new ModelWorld(
    new Map([
      [GROUP_A, [0, 1, 2]],
      [GROUP_B, [1, 2, 0]],
      [GROUP_C, [2, 0]],
    ]),
  );
}
