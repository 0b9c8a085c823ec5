import { ClusterMember, type ClusterMemberHost } from '#libs/cluster-member';
import type { StorageOptions } from './options.js';
import type { StoragePorts } from './storage-ports.js';

/** This storage node as a member of its cluster. */
export function storageMember(
  ports: StoragePorts,
  options: StorageOptions,
  host: ClusterMemberHost,
  incarnation: number,
): ClusterMember {
  const { cluster, nodeId, softwareVersion, zone, weight, heartbeatMs, tableRequestMs, advertise } = options;
  return new ClusterMember(
    ports.control,
    ports,
    {
      cluster,
      nodeId,
      role: 'storage-node',
      softwareVersion,
      endpoints: { host: advertise.host, respPort: 0, httpPort: 0, adminPort: advertise.adminPort },
      zone,
      weight,
      heartbeatMs,
      tableRequestMs,
    },
    host,
    incarnation,
  );
}
