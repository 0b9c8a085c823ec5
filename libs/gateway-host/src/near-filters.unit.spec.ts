// Copies of filters at gateways: what they answer, what they must not, and that they are fetched again in time.
import fc from 'fast-check';
import { NEAR, NearRig, STALENESS_MS } from './near-rig.support.spec.js';

const NIL = '$-1\r\n';
const OK = '+OK\r\n';
const V = '$1\r\nv\r\n';

describe('copies of a filter at a gateway', () => {
  it('answer reads of absent keys without the storage nodes, in the order of the commands', () => {
    const rig = new NearRig();
    const client = rig.client();
    expect(rig.figures()).toMatchObject({ copies: 8, hits: 0 });
    expect(rig.figures().bytes).toBeGreaterThan(8 * 8);
    expect(client.call('set a v', 'get nobody', 'get a', 'exists nobody', 'get nobody2')).toBe(
      OK + NIL + V + ':0\r\n' + NIL,
    );
    expect(rig.figures().hits).toBe(3);
    expect([rig.executed('get'), rig.executed('exists')]).toEqual([1, 0]);
    expect(client.call('ttl no', 'pttl no', 'expiretime no', 'pexpiretime no')).toBe(':-2\r\n'.repeat(4));
    expect(client.call('type no', 'strlen no', 'hc.get no')).toBe('+none\r\n:0\r\n*-1\r\n');
    expect(client.call('exists no no2')).toBe(':0\r\n');
    expect([rig.executed('ttl'), rig.executed('type'), rig.executed('hc.get')]).toEqual([0, 0, 0]);
    expect(rig.executed('exists')).toBeGreaterThan(0);
    client.call('hello 3');
    expect(client.call('get no', 'hc.get no', 'ttl no')).toBe('_\r\n_\r\n:-2\r\n');
  });

  it('answer as the nodes do where arguments or keys are wrong, and replies that nobody wants are not sent', () => {
    const rig = new NearRig();
    const client = rig.client();
    expect(client.call('get')).toMatch(/^-ERR wrong number/);
    expect(client.call(`get ${'k'.repeat(65_537)}`)).toBe('-ERR key exceeds 65536 bytes\r\n');
    expect(client.call('client reply skip', 'get no', 'get no2')).toBe(NIL);
    expect(client.call('client reply off', 'get no', 'client reply on')).toBe(OK);
    expect(client.call('select 0', 'get no')).toBe(OK + NIL);
    expect(rig.executed('get')).toBe(1);
  });

  it('never hide a write that this gateway has sent, from any of its clients', () => {
    const rig = new NearRig();
    const [one, two] = [rig.client(), rig.client()];
    one.post('get k', 'set k v', 'get k');
    two.post('get k');
    rig.network.settle();
    expect(one.socket.take()).toBe(NIL + OK + V);
    expect(two.socket.take()).toBe(V);
    expect(one.call('mset m1 v m2 v m3 v', 'get m1', 'get m3')).toBe(OK + V + V);
    expect(one.call('set {x}a v', 'rename {x}a {x}b', 'get {x}b', 'get {x}a')).toBe(OK + OK + V + NIL);
    expect(one.call('copy {x}b {x}c', 'get {x}c')).toBe(`:1\r\n${V}`);
    expect(one.call('flushall', 'get k', 'set k v', 'get k')).toBe(OK + NIL + OK + V);
  });

  it('do not hide a write that was sent while they were on their way', () => {
    const rig = new NearRig();
    const client = rig.client();
    const { refreshes } = rig.figures();
    rig.network.rule = ({ subject }) => (subject.includes('.re.g1.') ? 'keep' : 'deliver');
    rig.advance(0.6 * STALENESS_MS);
    client.post('set k v', 'get k');
    rig.network.settle();
    rig.network.release();
    expect(client.socket.take()).toBe(OK + V);
    expect(rig.figures().refreshes).toBe(refreshes + 8);
    const { hits } = rig.figures();
    expect(client.call('get k', 'get other')).toBe(V + NIL);
    expect(rig.figures().hits).toBe(hits + 1);
  });

  it('answer nothing where they do not come, and again once they do', () => {
    const rig = new NearRig();
    const client = rig.client();
    rig.network.rule = ({ subject }) => (subject.includes('.re.g1.') ? 'drop' : 'deliver');
    rig.advance(2 * STALENESS_MS);
    const { hits } = rig.figures();
    rig.network.rule = () => 'deliver';
    expect(client.call('get no')).toBe(NIL);
    expect(rig.figures().hits).toBe(hits);
    rig.advance(4 * STALENESS_MS);
    expect(client.call('get no')).toBe(NIL);
    expect(rig.figures().hits).toBe(hits + 1);
  });

  it('learn of writes of other gateways within the time permitted', () => {
    const rig = new NearRig();
    const [here, there] = [rig.client('g1'), rig.client('g2')];
    expect(there.call('set k v')).toBe(OK);
    const writtenMs = rig.network.time.monotonicMs();
    let stale = 0;
    while (here.call('get k') === NIL) {
      stale++;
      rig.advance(10);
    }
    expect(stale).toBeGreaterThan(0);
    expect(rig.network.time.monotonicMs() - writtenMs).toBeLessThanOrEqual(STALENESS_MS);
    expect(here.call('get k')).toBe(V);
  });

  it('are of no use once they are too old', () => {
    const rig = new NearRig();
    const [here, there] = [rig.client('g1'), rig.client('g2')];
    expect(there.call('set k v')).toBe(OK);
    expect(here.call('get k')).toBe(NIL);
    // No timers run meanwhile: the process was asleep.
    const { time } = rig.network;
    const { monotonicMs } = time;
    time.monotonicMs = () => monotonicMs.call(time) + STALENESS_MS + 1;
    expect(here.call('get k')).toBe(V);
  });

  it('count under their partition’s epoch only', () => {
    const rig = new NearRig();
    const client = rig.client();
    const before = rig.figures().hits;
    rig.owners.forEach((owner, i) => (rig.owners[i] = owner === 's1' ? 's2' : 's1'));
    rig.epochs.fill(2);
    rig.publish();
    expect(client.call('get k1', 'get k2')).toBe(NIL + NIL);
    expect(rig.figures().hits).toBe(before);
    rig.advance(STALENESS_MS);
    expect(client.call('get k1', 'get k2')).toBe(NIL + NIL);
    expect(rig.figures().hits).toBe(before + 2);
  });

  it('go with their memory when they are no longer permitted, with the filter, and with the store', () => {
    for (const change of [{ nearStalenessMs: 0 }, { enabled: false }, undefined]) {
      const rig = new NearRig();
      const client = rig.client();
      expect(rig.figures().copies).toBe(8);
      if (change === undefined) rig.storeId = 2;
      else rig.filter = { ...NEAR, ...change };
      rig.publish();
      expect(rig.gateway().nearFilters.figuresOf(1)).toEqual({ hits: 0, copies: 0, bytes: 0, refreshes: 0 });
      expect(client.call('get k')).toMatch(change === undefined ? /^-ERR unknown store/ : /^\$-1/);
      expect(rig.gateway().nearFilters.isActive).toBe(change === undefined);
    }
  });

  it('are not sent again while no key has come', () => {
    const rig = new NearRig();
    const client = rig.client();
    client.call(`mset ${Array.from({ length: 8_000 }, (_, i) => `k${i} v`).join(' ')}`);
    rig.advance(2 * STALENESS_MS);
    const received = (): number => {
      const { refreshes } = rig.figures();
      const before = rig.network.published.length;
      rig.advance(2 * STALENESS_MS);
      expect(rig.figures().refreshes).toBeGreaterThanOrEqual(refreshes + 8 * 3);
      const replies = rig.network.published.slice(before).filter(({ subject }) => subject.includes('.re.g1.'));
      return replies.reduce((sum, { payload }) => sum + payload.length, 0);
    };
    const idle = received();
    client.call(`mset ${Array.from({ length: 64 }, (_, i) => `new${i} v`).join(' ')}`);
    const busy = received();
    expect(rig.figures().bytes).toBeGreaterThan(8_000);
    expect(busy - idle).toBeGreaterThan(8_000);
    expect(idle).toBeLessThan(6_000);
  });

  it('never hide for longer than permitted, nor this gateway’s own writes, whatever is done', () => {
    const key = fc.nat(5).map((i) => `key${i}`);
    const operation = fc.oneof(
      fc.record({ kind: fc.constantFrom('set', 'del', 'get', 'get'), key, gateway: fc.constantFrom('g1', 'g2') }),
      fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 20, 130, 400, 700) }),
      fc.record({ kind: fc.constant('move'), partition: fc.nat(1) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const rig = new NearRig(NEAR, 2);
        const clients = { g1: rig.client('g1'), g2: rig.client('g2') };
        /** By key: since when it is there, and for whom that must be so at once. */
        const written = new Map<string, { readonly atMs: number; readonly by: string }>();
        for (const each of operations) {
          if (each.kind === 'wait' && 'ms' in each) rig.advance(each.ms);
          else if (each.kind === 'move' && 'partition' in each) {
            // The data is lost, as when a node restarts: what matters here are epochs.
            rig.epochs[each.partition]++;
            rig.owners[each.partition] = rig.owners[each.partition] === 's1' ? 's2' : 's1';
            rig.publish();
            for (const name of written.keys()) if (rig.partitionOf(name) === each.partition) written.delete(name);
          } else if ('gateway' in each) {
            const client = clients[each.gateway as 'g1' | 'g2'];
            const nowMs = rig.network.time.monotonicMs();
            const reply = client.call(each.kind === 'set' ? `set ${each.key} v` : `${each.kind} ${each.key}`);
            const known = written.get(each.key);
            if (each.kind === 'set') {
              expect(reply).toBe(OK);
              written.set(each.key, { atMs: known?.atMs ?? nowMs, by: known === undefined ? each.gateway : known.by });
              if (known !== undefined && known.by !== each.gateway)
                written.set(each.key, { atMs: known.atMs, by: 'both' });
            } else if (each.kind === 'del') written.delete(each.key);
            else if (known === undefined) expect(reply).toBe(NIL);
            else if (known.by === 'both' || known.by === each.gateway || nowMs - known.atMs > STALENESS_MS)
              expect(reply).toBe(V);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
