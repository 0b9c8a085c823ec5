import { noticeOf } from '#libs/cluster';
import { RestFixture } from './testing/rest-fixture.js';

describe('operations on the cluster over REST', () => {
  let rest: RestFixture;
  beforeEach(async () => {
    rest = await RestFixture.start();
  });
  afterEach(() => rest.stop());

  const ask = async (method: string, path: string): Promise<{ status: number; body: unknown }> => {
    const response = await rest.fetch(`/api/v1/cluster/${path}`, { method });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  /** Both storage nodes are up; the fake gateway's own has one that is down. */
  const bothUp = (): void => {
    rest.gateway.outcomes.push({ ok: true, tableVersion: 8 });
  };

  it('drains a node, and takes that back', async () => {
    bothUp();
    expect(await ask('POST', 'nodes/s1/drain')).toMatchObject({ status: 202, body: { id: 's1', partitions: 3 } });
    expect(await ask('DELETE', 'nodes/s1/drain')).toMatchObject({ status: 202, body: { id: 's1', state: 'up' } });
  });

  it.each([
    ['POST', 'nodes/s9/drain', 404, 'UNKNOWN_NODE', /^there is no node "s9"; nodes: /],
    ['POST', 'nodes/s1/drain', 409, 'CONFLICT', /start one first$/],
    ['POST', 'nodes/gw-1/drain', 400, 'INVALID_REQUEST', /is a gateway/],
    ['DELETE', 'nodes/s1', 409, 'CONFLICT', /^"s1" is up: stop its process first$/],
    ['DELETE', 'nodes/s2', 409, 'CONFLICT', /owns 1 partitions/],
  ])('refuses %s %s with %d %s', async (method, path, status, code, detail) => {
    expect(await ask(method, path)).toMatchObject({ status, body: { code, detail: expect.stringMatching(detail) } });
  });

  it('rebalances and stops that', async () => {
    const moving = {
      partition: 2,
      source: 's1',
      target: 's2',
      replaces: 's1',
      bytesCopied: 5,
      sinceMs: 1_000,
      state: 'copying' as const,
    };
    rest.gateway.moves = [moving];
    const moves = [
      {
        partition: 2,
        from: 's1',
        to: 's2',
        replaces: 's1',
        bytes: 5,
        since: '1970-01-01T00:00:01.000Z',
        state: 'copying',
      },
    ];
    expect(await ask('POST', 'rebalance')).toEqual({ status: 202, body: { moves } });
    expect(await ask('GET', 'moves')).toEqual({ status: 200, body: { moves } });
    expect(await ask('DELETE', 'rebalance')).toEqual({ status: 204, body: undefined });
  });

  it('lists events', async () => {
    const notice = noticeOf({ type: 'NodeDown', nodeId: 's2' }, 4, 2_000);
    rest.gateway.eventsOutcome = { ok: true, firstIndex: 1, lastIndex: 9, notices: [notice] };
    expect(await ask('GET', 'events?since=4&limit=1')).toEqual({
      status: 200,
      body: {
        first_index: 1,
        last_index: 9,
        events: [{ index: 4, time: '1970-01-01T00:00:02.000Z', name: 'NodeDown', fields: { nodeId: 's2' } }],
      },
    });
    await ask('GET', 'events');
    expect(rest.gateway.eventRequests).toEqual([
      { since: 4, limit: 1 },
      { since: 0, limit: 100 },
    ]);
  });

  it.each(['limit=0', 'limit=1001', 'since=-1', 'since=x', 'other=1'])('refuses events?%s', async (query) => {
    expect(await ask('GET', `events?${query}`)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  it('says so where no coordinator answers', async () => {
    expect(await ask('GET', 'events')).toMatchObject({ status: 503, body: { code: 'CLUSTER_DOWN' } });
  });
});
