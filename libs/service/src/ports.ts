/** Ports to listen on: which, whether they are free, and what to say when they are not. */
import { createServer, type AddressInfo } from 'node:net';
import type { Endpoints } from '#libs/cluster';
import { errorCode, reasonOf, resolveAdvertiseHost, type HyperCacheConfig, type Role } from '#libs/config';

/** A failure that one line explains; the service prints it and ends. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export type PortSetting = 'resp_port' | 'http_port' | 'admin_port';

/**
 * Endpoints of a service, with a free port in place of each 0: members announce their ports before they listen on
 * them. Another process may take such a port in between, which the listener then reports.
 */
export async function chooseEndpoints(config: HyperCacheConfig, role: Role): Promise<Endpoints> {
  const { host, respPort, httpPort, adminPort } = config.network;
  const isGateway = role === 'gateway' || role === 'standalone';
  const choose = (port: number, isUsed: boolean): Promise<number> | number => (isUsed ? port || freePort(host) : 0);
  return {
    host: resolveAdvertiseHost(config),
    respPort: await choose(respPort, isGateway && config.protocols.respEnabled),
    httpPort: await choose(httpPort, isGateway && config.protocols.restEnabled),
    adminPort: await choose(adminPort, true),
  };
}

function freePort(host: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError('admin_port', host, 0, error)));
    server.listen({ host, port: 0 }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** `network.resp_port: port 6379 is in use on 127.0.0.1; …` for what listening failed with. */
export function listenError(setting: PortSetting, host: string, port: number, cause: unknown): StartError {
  return new StartError(advice(setting, host, port, cause), { cause });
}

function advice(setting: PortSetting, host: string, port: number, cause: unknown): string {
  const how = `HC_${setting.toUpperCase()} or --${setting.replace('_', '-')}`;
  switch (errorCode(cause)) {
    case 'EADDRINUSE':
      return `network.${setting}: port ${port} is in use on ${host}; stop the program that has it, or choose another port with ${how}`;
    case 'EACCES':
      return `network.${setting}: port ${port} needs more rights; choose one above 1023 with ${how}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `network.host: ${host} is no address of this machine; choose another with HC_HOST or --host, 0.0.0.0 for all`;
    default:
      return `network.${setting}: cannot listen on ${host}:${port}: ${reasonOf(cause)}`;
  }
}
