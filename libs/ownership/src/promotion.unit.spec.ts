import {
  OWNERSHIP_BOUNDS,
  OWNERSHIP_RULES,
  OWNERSHIP_TIMES,
  Promotion,
  type Position,
  type PromotionActions,
} from './index.js';

const { sealRetryMs, fetchMs, startMs } = OWNERSHIP_TIMES;

/** A promotion of `a`, and what it does, in words. */
function promote(owners = 'abc', outgoing = ''): { promotion: Promotion; done: () => string[] } {
  const log: string[] = [];
  const actions: PromotionActions = {
    askToSeal: (owner) => log.push(`ask ${owner}`),
    fetch: (from, { epoch, sequence }, attempt) => log.push(`fetch ${from} ${sequence}@${epoch} #${attempt}`),
    start: () => log.push('start'),
    serve: () => log.push('serve'),
    giveUp: (reason) => log.push(reason),
  };
  const assignment = { partition: 3, epoch: 9, candidate: 'a', owners: [...owners], outgoing: [...outgoing] };
  const promotion = new Promotion(assignment, 'a', 0, OWNERSHIP_TIMES, OWNERSHIP_RULES, actions);
  return { promotion, done: () => log.splice(0) };
}

const at = (epoch: number, sequence: number): Position => ({ epoch, sequence });

describe('a promotion', () => {
  it('seals, fetches from the furthest, starts, serves', () => {
    const { promotion, done } = promote();
    expect(done()).toEqual(['ask a', 'ask b', 'ask c']);
    promotion.onSealed('a', at(2, 50), 1);
    expect(promotion.state).toBe('sealing');
    promotion.onSealed('b', at(3, 10), 1);
    expect(done()).toEqual(['fetch b 10@3 #1']);
    promotion.onTail(1, true, 2);
    expect(done()).toEqual(['start']);
    promotion.onStarted();
    expect(done()).toEqual(['serve']);
    expect(promotion.state).toBe('serving');
    promotion.tick(1e9);
    promotion.onStarted();
    expect(done()).toEqual([]);
  });

  it('fetches nothing where nobody is further', () => {
    const { promotion, done } = promote();
    promotion.onSealed('b', at(2, 5), 1);
    promotion.onSealed('a', at(2, 5), 1);
    expect(done().slice(3)).toEqual(['start']);
  });

  it('does not start before it has sealed itself, and hears nobody who is no owner', () => {
    const { promotion, done } = promote();
    for (const owner of 'bcx') promotion.onSealed(owner, at(1, 1), 1);
    expect(promotion.state).toBe('sealing');
    promotion.onSealed('a', at(1, 1), 1);
    expect(done().slice(3)).toEqual(['start']);
  });

  it('needs a majority of the old owners too while they are being replaced', () => {
    const { promotion, done } = promote('abc', 'cde');
    expect(done()).toEqual(['ask a', 'ask b', 'ask c', 'ask d', 'ask e']);
    for (const owner of 'abc') promotion.onSealed(owner, at(0, 0), 1);
    expect(promotion.state).toBe('sealing');
    promotion.onSealed('d', at(4, 7), 1);
    expect(done()).toEqual(['fetch d 7@4 #1']);
  });

  it('asks those again that have not answered, and gives up after a while', () => {
    const { promotion, done } = promote();
    promotion.onSealed('a', at(1, 1), 1);
    done();
    promotion.tick(sealRetryMs - 1);
    expect(done()).toEqual([]);
    promotion.tick(sealRetryMs);
    expect(done()).toEqual(['ask b', 'ask c']);
    for (let i = 2; i < OWNERSHIP_BOUNDS.maxSealRounds; i++) promotion.tick(i * sealRetryMs);
    expect(promotion.state).toBe('sealing');
    done();
    promotion.tick(OWNERSHIP_BOUNDS.maxSealRounds * sealRetryMs);
    expect(done()).toEqual(['no-majority']);
    promotion.onSealed('b', at(1, 1), 1e6);
    promotion.tick(1e9);
    promotion.giveUp('moved-on');
    expect(done()).toEqual([]);
  });

  it('goes on without an owner that does not give its log away', () => {
    const { promotion, done } = promote('abcde');
    promotion.onSealed('a', at(2, 1), 1);
    promotion.onSealed('b', at(2, 9), 1);
    promotion.onSealed('c', at(2, 7), 1);
    expect(done().slice(5)).toEqual(['fetch b 9@2 #1']);
    promotion.onTail(1, false, 2);
    expect(promotion.state).toBe('sealing');
    expect(done()).toEqual(['ask b', 'ask d', 'ask e']);
    promotion.onTail(1, true, 3);
    expect(done()).toEqual([]);
    promotion.onSealed('d', at(1, 3), 3);
    expect(done()).toEqual(['fetch c 7@2 #2']);
    promotion.tick(3 + fetchMs);
    expect(done()).toEqual(['ask b', 'ask c', 'ask e']);
    promotion.onSealed('e', at(2, 1), 9_000);
    expect(done()).toEqual(['start']);
  });

  it('gives up where nobody gives the furthest log away', () => {
    const { promotion, done } = promote();
    promotion.onSealed('a', at(1, 1), 1);
    for (let attempt = 1; attempt <= OWNERSHIP_BOUNDS.maxFetches; attempt++) {
      promotion.onSealed('b', at(2, 2), 1);
      promotion.onTail(attempt, false, 1);
    }
    promotion.onSealed('b', at(2, 2), 1);
    expect(done().at(-1)).toBe('no-tail');
  });

  it('gives up where its start is not committed in time', () => {
    const { promotion, done } = promote('a');
    promotion.onSealed('a', at(0, 0), 10);
    promotion.tick(9 + startMs);
    expect(promotion.state).toBe('starting');
    promotion.tick(10 + startMs);
    expect(done()).toEqual(['ask a', 'start', 'not-started']);
    promotion.onStarted();
    expect(promotion.state).toBe('given-up');
  });
});
