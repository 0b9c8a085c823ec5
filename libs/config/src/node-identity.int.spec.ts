import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, HyperCacheConfig, resolveAdvertiseHost, resolveNodeId } from './index.js';

let folder: string;
let config: HyperCacheConfig;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hc-node-id-'));
  config = new HyperCacheConfig();
  config.persistence.dataDir = join(folder, 'deep', 'data');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the node id', () => {
  it('is the configured one, and leaves the disk alone', () => {
    config.cluster.nodeId = 'n1';
    config.persistence.dataDir = join(folder, 'nowhere');
    expect(resolveNodeId(config, 'gateway')).toBe('n1');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is made of role and host name, and kept when the host name changes', () => {
    expect(resolveNodeId(config, 'storage-node', 'host.one')).toBe('storage-node-host-one');
    expect(readFileSync(join(config.persistence.dataDir, 'node-id'), 'utf8')).toBe('storage-node-host-one\n');
    expect(resolveNodeId(config, 'storage-node', 'two')).toBe('storage-node-host-one');
  });

  it('is refused, and not looked for without end, where no folder can be made', () => {
    config.persistence.dataDir = '/proc/hypercache/nowhere';
    expect(() => resolveNodeId(config, 'gateway')).toThrow('persistence.data_dir');
  });

  it('is kept in a folder whose parents are made', () => {
    config.persistence.dataDir = join(folder, 'a', 'b', 'c');
    const nodeId = resolveNodeId(config, 'gateway', 'one');
    expect(readFileSync(join(folder, 'a', 'b', 'c', 'node-id'), 'utf8')).toBe(`${nodeId}\n`);
  });

  it('is cut to the length of a subject token', () => {
    expect(resolveNodeId(config, 'gateway', 'h'.repeat(200))).toHaveLength(64);
  });

  it('refuses what is not a subject token in the file', () => {
    config.persistence.dataDir = folder;
    writeFileSync(join(folder, 'node-id'), 'a.b');
    expect(() => resolveNodeId(config, 'gateway')).toThrow(/node-id: "a\.b" is not allowed: use 1 to 64 letters/);
  });

  it('names a data folder that cannot be used', () => {
    writeFileSync(join(folder, 'file'), '');
    config.persistence.dataDir = join(folder, 'file');
    expect(() => resolveNodeId(config, 'gateway')).toThrow(ConfigError);
    expect(() => resolveNodeId(config, 'gateway')).toThrow(/persistence\.data_dir: .* cannot be used: ENOTDIR/);
  });
});

describe('the advertised host', () => {
  const outside = { address: '10.0.0.7', family: 'IPv4', internal: false };
  const inside = { address: '127.0.0.1', family: 'IPv4', internal: true };

  it('is the configured one first', () => {
    config.cluster.advertiseHost = 'cache.example';
    expect(resolveAdvertiseHost(config, { eth0: [outside] })).toBe('cache.example');
  });

  it('is where the node listens, unless that is everywhere', () => {
    config.network.host = '192.168.1.2';
    expect(resolveAdvertiseHost(config, { eth0: [outside] })).toBe('192.168.1.2');
    config.network.host = '0.0.0.0';
    expect(resolveAdvertiseHost(config, { lo: [inside], eth0: [outside] })).toBe('10.0.0.7');
    expect(resolveAdvertiseHost(config, { lo: [inside] })).toBe('127.0.0.1');
  });
});
