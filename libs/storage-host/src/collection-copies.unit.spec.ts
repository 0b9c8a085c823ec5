// COPY and RENAME of hashes, lists, sets and sorted sets: large ones are built anew, and nothing is left behind where it fails.
import { storeFromPreset } from '#libs/cluster';
import { VALUE_TYPE, type ValueType } from '#libs/engine';
import { EVENT_KINDS, EventReader } from '#libs/events';
import { add, contents, PARTITION, storeOf } from './collections.support.spec.js';
import { StorageBench } from './storage-bench.support.spec.js';

const { HASH, LIST, SET, ZSET } = VALUE_TYPE;
const MIB = 1024 * 1024;

function rig(memoryLimitBytes = 0, policy: 'sieve' | 'noeviction' = 'sieve') {
  const bench = new StorageBench(4);
  bench.stores = [{ id: 0, ...storeFromPreset('general', { name: 'default', memoryLimitBytes, policy }) }];
  const host = bench.node('s1');
  const kinds: number[] = [];
  host.onEvents = ({ writer }) => {
    const reader = new EventReader();
    reader.open(writer.buffer, 0, writer.length);
    while (reader.advance()) kinds.push(reader.kind);
  };
  bench.publishTable();
  const gateway = bench.gateway();
  const tag = bench.keyIn(PARTITION);
  const key = (name: string): string => `{${tag}}${name}`;
  const run = (...command: string[]): string => gateway.call(command)[0];
  return { store: storeOf(host), key, run, kinds };
}

const withoutVersion = (found: unknown): unknown => ({ ...(found as object), version: 0 });

describe('a copy of a collection', () => {
  it.each<[string, ValueType, number]>([
    ['small hash', HASH, 3],
    ['large hash', HASH, 2_000],
    ['large list', LIST, 2_000],
    ['large set', SET, 2_000],
    ['large sorted set', ZSET, 2_000],
  ])('of a %s has all elements, the expiry, and trees of its own', (_, type, count) => {
    const { store, key, run, kinds } = rig();
    add(store.engine, store, key('a'), type, count);
    const before = contents(store, key('a'));
    expect(run('copy', key('a'), key('b'))).toBe(':1\r\n');
    expect(withoutVersion(contents(store, key('b')))).toEqual(withoutVersion(before));
    expect((contents(store, key('b')) as { version: number }).version).toBe(store.sequences[PARTITION] & 0xffff);
    const expected = count < 100 ? [EVENT_KINDS.entrySet] : [EVENT_KINDS.collectionUnit];
    expect([...new Set(kinds)]).toEqual(expected);
    // The first record of all says that the epoch has started.
    expect(kinds).toHaveLength(store.sequences[PARTITION] - 1);
    run('del', key('a'));
    while (store.engine.hasReleased) store.engine.reclaim(8);
    expect(withoutVersion(contents(store, key('b')))).toEqual(withoutVersion(before));
    run('del', key('b'));
    while (store.engine.hasReleased) store.engine.reclaim(8);
    expect(store.engine.collections.usedBytes).toBe(0);
  });

  it('replaces what is there, trees and all, and renaming is the same', () => {
    const { store, key, run, kinds } = rig();
    add(store.engine, store, key('a'), HASH, 2_000);
    add(store.engine, store, key('b'), ZSET, 1_000);
    const before = contents(store, key('a'));
    expect(run('copy', key('a'), key('b'))).toBe(':0\r\n');
    expect(run('copy', key('a'), key('b'), 'replace')).toBe(':1\r\n');
    expect(withoutVersion(contents(store, key('b')))).toEqual(withoutVersion(before));
    expect(kinds.slice(0, 2)).toEqual([EVENT_KINDS.entryRemoved, EVENT_KINDS.collectionUnit]);
    expect(run('rename', key('b'), key('a'))).toBe('+OK\r\n');
    expect(withoutVersion(contents(store, key('a')))).toEqual(withoutVersion(before));
    expect(store.engine.count(PARTITION)).toBe(1);
    run('del', key('a'));
    while (store.engine.hasReleased) store.engine.reclaim(8);
    expect(store.engine.collections.usedBytes).toBe(0);
  });

  it('is refused where there is no room, and changes nothing', () => {
    const { store, key, run } = rig(MIB, 'noeviction');
    add(store.engine, store, key('a'), HASH, 9_000);
    run('set', key('b'), 'v');
    const before = contents(store, key('a'));
    const { usedBytes } = store.engine;
    expect(usedBytes).toBeGreaterThan(MIB / 2);
    expect(run('copy', key('a'), key('b'), 'replace')).toMatch(/^-OOM/);
    expect(contents(store, key('a'))).toEqual(before);
    expect(run('get', key('b'))).toBe('$1\r\nv\r\n');
    while (store.engine.hasReleased) store.engine.reclaim(8);
    expect(store.engine.usedBytes).toBeLessThanOrEqual(usedBytes);
  });
});
