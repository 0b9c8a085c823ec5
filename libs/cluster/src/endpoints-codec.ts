import { check, toPort, toVisibleText } from './decode.js';
import type { Endpoints as EndpointsMessage } from './generated/hypercache/control/v1/member_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { Endpoints } from './member.js';

export function fromEndpoints(message: EndpointsMessage | undefined): Endpoints {
  check(message !== undefined, 'endpoints: missing');
  return {
    host: toVisibleText(message.host, 'host', CLUSTER_LIMITS.maxHostLength),
    respPort: toPort(message.respPort, 'RESP port'),
    httpPort: toPort(message.httpPort, 'HTTP port'),
    adminPort: toPort(message.adminPort, 'admin port'),
  };
}
