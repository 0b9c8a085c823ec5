import { HyperCacheConfig } from './hypercache-config.js';
import { replicationRelations } from './replication-relations.js';
import { StoreConfig } from './stores-config.js';

function faults(factor: number, replicas: readonly (number | undefined)[], partitions: number, replicates: boolean) {
  const config = new HyperCacheConfig();
  config.cluster.replicationFactor = factor;
  config.cluster.partitions = partitions;
  config.stores = replicas.map((copies) => Object.assign(new StoreConfig(), { replicas: copies }));
  return replicationRelations(config, (path, value, allowed) => `${path} ${value}: ${allowed}`, replicates);
}

describe('copies that a configuration asks for', () => {
  it('are one as long as storage nodes do not replicate', () => {
    expect(faults(1, [undefined, 1], 256, false)).toEqual([]);
    expect(faults(3, [undefined, 2], 256, false)).toEqual([
      'cluster.replication_factor 3: 1: storage nodes do not replicate yet',
      'stores[1].replicas 2: 1: storage nodes do not replicate yet',
    ]);
  });

  it('fit the table', () => {
    expect(faults(3, [3], 16_384, true)).toEqual([]);
    expect(faults(8, [8], 4096, true)).toEqual([]);
    expect(faults(3, [4], 16_384, true)).toEqual(['stores[0].replicas 4: at most 3, as cluster.partitions is 16384']);
  });
});
