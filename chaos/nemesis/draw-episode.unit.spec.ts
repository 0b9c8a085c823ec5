import { type Cast, episodesOf } from './draw-episode.js';
import { DEFAULT_KINDS, describeFault, type Episode, FAULT_KINDS, type FaultKind, NATS } from './fault.js';

const CAST: Cast = {
  storage: ['storage-1', 'storage-2', 'storage-3'],
  coordinators: ['coordinator-1', 'coordinator-2', 'coordinator-3'],
  gateways: ['gateway-1', 'gateway-2'],
  newcomer: 'storage-4',
};

function draw(seed: number, count: number, kinds: readonly FaultKind[] = FAULT_KINDS): Episode[] {
  const episodes = episodesOf(seed, CAST, kinds);
  return Array.from({ length: count }, () => episodes.next().value);
}

const many = draw(1, 2_000);
const faults = many.flatMap((episode) => episode.faults);

describe('episodesOf', () => {
  it('draws the same from the same seed, and something else from another', () => {
    expect(draw(7, 50)).toEqual(draw(7, 50));
    expect(draw(7, 50)).not.toEqual(draw(8, 50));
  });

  it('keeps to the kinds that are asked for', () => {
    const kinds = new Set(draw(2, 500, DEFAULT_KINDS).flatMap((each) => each.faults.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(['drain', 'join', 'kill', 'nats', 'pause']);
  });

  it('hits every process with whatever can hit it', () => {
    const hit = (kind: FaultKind): string[] => [
      ...new Set(faults.filter((fault) => fault.kind === kind).flatMap(({ targets }) => targets)),
    ];
    const everybody = [...CAST.storage, ...CAST.coordinators, ...CAST.gateways];
    for (const kind of ['kill', 'pause', 'partition'] as const) {
      expect(hit(kind).sort()).toEqual([...everybody, CAST.newcomer].sort());
    }
    for (const kind of ['disk', 'drain'] as const) expect(hit(kind).sort()).toEqual(CAST.storage);
    expect(hit('join')).toEqual([CAST.newcomer]);
    expect(hit('nats')).toEqual([NATS]);
  });

  it('pauses for 0.2 to 5 seconds', () => {
    for (const { kind, lastsMs } of faults) {
      if (kind !== 'pause') continue;
      expect(lastsMs).toBeGreaterThanOrEqual(200);
      expect(lastsMs).toBeLessThanOrEqual(5_000);
    }
  });

  it('lets one or two faults overlap, the second beginning before the first is to be healed', () => {
    const doubles = many.filter((episode) => episode.faults.length === 2);
    expect(doubles.length).toBeGreaterThan(many.length / 5);
    for (const {
      faults: [first, second, ...more],
    } of doubles) {
      // prettier-ignore
      expect(more).toEqual([]);
      expect(second.delayMs).toBeLessThanOrEqual(first.delayMs + first.lastsMs);
    }
  });

  it('gives one target two faults only where the first leaves its process alone', () => {
    for (const {
      faults: [first, second],
    } of many) {
      // prettier-ignore
      if (second === undefined || !second.targets.some((target) => first.targets.includes(target))) continue;
      expect(['join', 'disk', 'drain']).toContain(first.kind);
      expect(['kill', 'pause', 'partition']).toContain(second.kind);
    }
  });

  it('gives faults that a person can read', () => {
    expect(describeFault({ kind: 'kill', targets: ['storage-2'], delayMs: 0, lastsMs: 1_230 })).toBe(
      'kill storage-2, down for 1.2 s',
    );
    expect(describeFault({ kind: 'partition', way: 'in', targets: ['a', 'b'], delayMs: 0, lastsMs: 300 })).toBe(
      'cut a, b from the bus for 0.3 s, inbound only',
    );
    for (const fault of faults) expect(describeFault(fault)).toMatch(/\d s/);
  });
});
