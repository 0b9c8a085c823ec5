import type { ServiceContext } from './service-context.js';

const MAX_LENGTH = 64;
const SUFFIXES = { coordinator: '-co', gateway: '-gw', 'storage-node': '' } as const;

/** A member's name: the node id. In standalone three members share a process, so two of them get an ending. */
export function memberId({ role, nodeId }: ServiceContext, member: keyof typeof SUFFIXES): string {
  if (role !== 'standalone') return nodeId;
  return nodeId.slice(0, MAX_LENGTH - 3) + SUFFIXES[member];
}
