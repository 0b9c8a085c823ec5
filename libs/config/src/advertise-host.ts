import { networkInterfaces } from 'node:os';
import type { HyperCacheConfig } from './hypercache-config.js';

const WILDCARDS: readonly string[] = ['0.0.0.0', '::', '[::]', '*'];

interface Address {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

/** Where others reach this node: as configured, else its listening address, else its first outside IPv4 address. */
export function resolveAdvertiseHost(
  config: HyperCacheConfig,
  interfaces: Readonly<Record<string, readonly Address[] | undefined>> = networkInterfaces(),
): string {
  if (config.cluster.advertiseHost !== '') return config.cluster.advertiseHost;
  if (!WILDCARDS.includes(config.network.host)) return config.network.host;
  const addresses = Object.values(interfaces).flatMap((list) => list ?? []);
  return addresses.find((address) => !address.internal && address.family === 'IPv4')?.address ?? '127.0.0.1';
}
