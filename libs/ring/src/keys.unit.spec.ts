// How evenly keys, not partitions, lie on five nodes: what the load of a node really comes from.
import { partitionShift, slotOfKey, utf8Bytes } from '#libs/kernel';
import { place, type Placement } from './place.js';
import { nodesOf } from './placement.support.spec.js';

const PARTITIONS = 256;
const KEYS = 10_000;
const SHIFT = partitionShift(PARTITIONS);

const placed = (count: number, previous?: Placement): Placement =>
  place({ partitionCount: PARTITIONS, nodes: nodesOf(count), replicationFactor: 1, ...(previous && { previous }) });

const partitionsOf = (keyOf: (i: number) => string): number[] =>
  Array.from({ length: KEYS }, (_, i) => {
    const bytes = utf8Bytes(keyOf(i));
    return slotOfKey(bytes, 0, bytes.length) >>> SHIFT;
  });

describe.each([
  ['numbered', (i: number) => `key:${i}`],
  ['padded', (i: number) => `user:${String(i).padStart(12, '0')}`],
  ['hexadecimal', (i: number) => `session/${Math.imul(i, 0x9e3779b1).toString(16)}/data`],
])('10,000 %s keys on five nodes', (_name, keyOf) => {
  const partitions = partitionsOf(keyOf);
  const five = placed(5);

  it('load the fullest node by at most 1.07 of the mean, with a standard deviation of at most 88.6 keys', () => {
    const counts = new Map<string, number>();
    for (const partition of partitions) {
      const [owner] = five[partition];
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    const mean = KEYS / 5;
    const squares = [...counts.values()].reduce((sum, count) => sum + (count - mean) ** 2, 0);
    expect(counts.size).toBe(5);
    expect(Math.max(...counts.values()) / mean).toBeLessThanOrEqual(1.07);
    expect(Math.sqrt(squares / 5)).toBeLessThanOrEqual(88.6);
  });

  it.each([4, 6])('move to %i nodes in at most 24.3 per cent', (count) => {
    const next = placed(count, five);
    const moved = partitions.filter((partition) => next[partition][0] !== five[partition][0]).length;
    expect(moved / KEYS).toBeLessThanOrEqual(0.243);
  });
});
