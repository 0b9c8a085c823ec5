import fc from 'fast-check';
import { MEMBERSHIP_BOUNDS } from './bounds.js';
import { ProbeRound, type ProbeOutcome } from './probe-round.js';
import { ProbeRounds } from './probe-rounds.js';

const PEERS = ['p1', 'p2', 'p3'];

function round(peers = PEERS): ProbeRound {
  return new ProbeRound('t', 7, peers, 100);
}

describe('ProbeRound', () => {
  it('ends with the first who has heard the target', () => {
    const direct = round();
    direct.pinged(true);
    expect(direct.outcome(0)).toBe('alive');
    const indirect = round();
    for (const peer of ['p1', 'p2']) indirect.answered(peer, false);
    indirect.pinged(false);
    expect(indirect.outcome(50)).toBeUndefined();
    indirect.answered('p3', true);
    expect(indirect.outcome(50)).toBe('alive');
  });

  it('ends early where all have tried in vain', () => {
    const all = round();
    for (const peer of PEERS) all.answered(peer, false);
    expect(all.outcome(1)).toBeUndefined();
    all.pinged(false);
    expect(all.outcome(1)).toBe('silent');
  });

  it.each<[string, readonly string[], readonly string[], ProbeOutcome]>([
    ['most have tried in vain', PEERS, ['p1', 'p3'], 'silent'],
    ['one of three has answered, twice', PEERS, ['p2', 'p2'], 'unknown'],
    ['strangers have answered', PEERS, ['x', 'y', 'z'], 'unknown'],
    ['the only peer has tried in vain', ['p1'], ['p1'], 'silent'],
    ['one of two has', ['p1', 'p2'], ['p1'], 'unknown'],
    ['there was nobody to ask', [], [], 'unknown'],
  ])('knows at its end, where %s, what that means', (_, peers, answers, outcome) => {
    const probed = round([...peers]);
    for (const peer of answers) probed.answered(peer, false);
    expect(probed.outcome(99)).toBeUndefined();
    expect(probed.outcome(100)).toBe(outcome);
  });

  it('never calls a target silent that anybody asked has heard', () => {
    const answer = fc.record({ peer: fc.constantFrom(...PEERS, 'x'), heard: fc.boolean() });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 12 }), fc.option(fc.boolean()), (answers, direct) => {
        const probed = round();
        if (direct !== null) probed.pinged(direct);
        for (const { peer, heard } of answers) probed.answered(peer, heard);
        const wasHeard = direct === true || answers.some(({ peer, heard }) => heard && PEERS.includes(peer));
        expect(probed.outcome(100) === 'alive').toBe(wasHeard);
      }),
    );
  });
});

describe('ProbeRounds', () => {
  let drawn = 0;
  const rng = { nextU32: () => (drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0) };
  const rounds = (probePeers = 3): ProbeRounds => new ProbeRounds({ probePeers, probeTimeoutMs: 50 }, rng);

  it('ask so many different peers of those there are', () => {
    const candidates = Array.from({ length: 9 }, (_, i) => `p${i}`);
    const asked = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const begun = rounds().begin('t', 1, candidates, 0);
      expect(new Set(begun?.peers).size).toBe(3);
      for (const peer of begun?.peers ?? []) asked.add(peer);
    }
    expect([...asked].toSorted()).toEqual(candidates);
    expect(rounds(5).begin('t', 1, ['p1', 'p2'], 0)?.peers.toSorted()).toEqual(['p1', 'p2']);
    expect(rounds(0).begin('t', 1, candidates, 0)?.peers).toEqual([]);
  });

  it('go on until they are decided or overdue, and are counted by outcome', () => {
    const under = rounds();
    const ended: [string, ProbeOutcome][] = [];
    const end = (nowMs: number): void => under.ended(nowMs, ({ target }, outcome) => ended.push([target, outcome]));
    const first = under.begin('t1', 1, PEERS, 0);
    const second = under.begin('t2', 1, PEERS, 40);
    expect(under.begin('t1', 1, PEERS, 1)).toBeUndefined();
    end(50);
    second?.pinged(true);
    end(60);
    for (const peer of PEERS) first?.answered(peer, false);
    end(99);
    expect(ended).toEqual([['t2', 'alive']]);
    end(100);
    expect(ended).toEqual([
      ['t2', 'alive'],
      ['t1', 'silent'],
    ]);
    expect(under.outcomes).toEqual({ alive: 1, silent: 1, unknown: 0 });
    expect(under.begin('t1', 1, PEERS, 101)).toBeDefined();
  });

  it('are few at a time', () => {
    const under = rounds();
    for (let i = 0; i < MEMBERSHIP_BOUNDS.maxRounds; i++) expect(under.begin(`t${i}`, 1, PEERS, 0)).toBeDefined();
    expect(under.begin('more', 1, PEERS, 0)).toBeUndefined();
    under.cancel('t3');
    expect(under.begin('more', 1, PEERS, 0)).toBeDefined();
    under.cancelAll();
    expect(under.isUnderWay('more')).toBe(false);
  });
});
