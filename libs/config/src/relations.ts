/** What must hold between settings that are each in order. One line per fault. */
import { notAllowed } from './config-error.js';
import type { HyperCacheConfig } from './hypercache-config.js';
import { storeId } from './stores-config.js';

export function checkRelations(config: HyperCacheConfig): readonly string[] {
  return [
    ...clusterRelations(config),
    ...portRelations(config),
    ...limitRelations(config),
    ...natsRelations(config),
    ...nameRelations(config),
  ];
}

function clusterRelations({ cluster }: HyperCacheConfig): string[] {
  const errors: string[] = [];
  if ((cluster.partitions & (cluster.partitions - 1)) !== 0) {
    errors.push(notAllowed('cluster.partitions', cluster.partitions, 'a power of two from 1 to 16384'));
  }
  if (cluster.suspectAfterMs <= cluster.heartbeatIntervalMs) {
    errors.push(
      notAllowed(
        'cluster.suspect_after_ms',
        cluster.suspectAfterMs,
        `more than cluster.heartbeat_interval_ms, which is ${cluster.heartbeatIntervalMs}`,
      ),
    );
  }
  if (cluster.downAfterMs <= cluster.suspectAfterMs) {
    errors.push(
      notAllowed(
        'cluster.down_after_ms',
        cluster.downAfterMs,
        `more than cluster.suspect_after_ms, which is ${cluster.suspectAfterMs}`,
      ),
    );
  }
  return errors;
}

function portRelations({ network, protocols }: HyperCacheConfig): string[] {
  const ports = [
    ['network.admin_port', network.adminPort],
    ...(protocols.respEnabled ? [['network.resp_port', network.respPort] as const] : []),
    ...(protocols.restEnabled ? [['network.http_port', network.httpPort] as const] : []),
  ] as const;
  return ports.flatMap(([path, port], i) => {
    const other = ports.slice(0, i).find(([, taken]) => port !== 0 && taken === port);
    return other === undefined ? [] : [notAllowed(path, port, `another port than ${other[0]}`)];
  });
}

function limitRelations({ limits }: HyperCacheConfig): string[] {
  if (limits.pauseClientOutputBytes < limits.maxClientOutputBytes) return [];
  return [
    notAllowed(
      'limits.pause_client_output_bytes',
      limits.pauseClientOutputBytes,
      `less than limits.max_client_output_bytes, which is ${limits.maxClientOutputBytes}`,
    ),
  ];
}

function natsRelations({ nats }: HyperCacheConfig): string[] {
  const errors: string[] = [];
  const ways = [
    ['nats.user', nats.user],
    ['nats.token', nats.token],
    ['nats.creds_file', nats.credsFile],
    ['nats.nkey_seed_file', nats.nkeySeedFile],
  ].filter(([, value]) => value !== '');
  if (ways.length > 1)
    errors.push(`${ways.map(([path]) => path).join(', ')}: use one way to authenticate, not several`);
  if (nats.password !== '' && nats.user === '') errors.push('nats.password: needs nats.user');
  if ((nats.tls.certFile === '') !== (nats.tls.keyFile === '')) {
    errors.push('nats.tls: cert_file and key_file need each other');
  }
  return errors;
}

function nameRelations({ stores, security }: HyperCacheConfig): string[] {
  return [...duplicates('stores', stores), ...sameIds(stores), ...duplicates('security.users', security.users)];
}

function sameIds(stores: readonly { readonly name: string }[]): string[] {
  return stores.flatMap(({ name }, i) => {
    const other = stores.slice(0, i).find((row) => row.name !== name && storeId(row.name) === storeId(name));
    return other === undefined
      ? []
      : [notAllowed(`stores[${i}].name`, name, `another name: its number is that of "${other.name}"`)];
  });
}

function duplicates(path: string, rows: readonly { readonly name: string }[]): string[] {
  return rows.flatMap((row, i) =>
    rows.findIndex((other) => other.name === row.name) === i
      ? []
      : [notAllowed(`${path}[${i}].name`, row.name, 'a name that no other element has')],
  );
}
