import { IntegerSetting, MillisecondsSetting, TextSetting, TokenSetting } from './setting-types.js';

/** Who this node is, and how the cluster forms and notices failures. */
export class ClusterConfig {
  @TokenSetting({
    doc: 'Name of the cluster; clusters with different names share one NATS.',
    env: ['HC_CLUSTER'],
    flag: 'cluster',
  })
  name = 'hypercache';

  @TokenSetting({
    doc: 'Name of this node, unique in the cluster.',
    defaultText: 'kept in `<data_dir>/node-id`, first made of role and host name',
    env: ['HC_NODE_ID'],
    flag: 'node-id',
    optional: true,
  })
  nodeId = '';

  @TextSetting({
    doc: 'Address at which clients and other nodes reach this one, where it differs from `network.host`.',
    defaultText: '`network.host`, or the first outside address of the machine where that is a wildcard',
    env: ['HC_ADVERTISE_HOST'],
    flag: 'advertise-host',
    pattern: /^[^\s/]{0,253}$/,
    allowed: 'a host name or an address, without a port',
  })
  advertiseHost = '';

  @TextSetting({
    doc: 'Failure zone of this node (rack, availability zone).',
    defaultText: 'none',
    env: ['HC_ZONE'],
    flag: 'zone',
    pattern: /^[A-Za-z0-9_.-]{0,64}$/,
    allowed: 'up to 64 letters, digits, ".", "-" and "_"',
  })
  zone = '';

  @IntegerSetting({
    doc: 'Share of the partitions that this storage node takes, relative to the others.',
    env: ['HC_WEIGHT'],
    flag: 'weight',
    min: 1,
    max: 64,
  })
  weight = 1;

  @IntegerSetting({
    doc: 'Storage nodes that a new cluster waits for before it forms.',
    env: ['HC_EXPECTED_STORAGE_NODES'],
    flag: 'expected-storage-nodes',
    min: 1,
    max: 512,
  })
  expectedStorageNodes = 1;

  @MillisecondsSetting({
    doc: 'How long a new cluster waits for more storage nodes than it expects, once it has those.',
    min: 0,
  })
  formationDelayMs = 500;

  @IntegerSetting({
    doc: 'Partitions of the key space, a power of two; fixed when the cluster forms.',
    env: ['HC_PARTITIONS'],
    flag: 'partitions',
    min: 1,
    max: 16_384,
  })
  partitions = 256;

  @MillisecondsSetting({ doc: 'How often a node announces itself.', min: 10, max: 60_000 })
  heartbeatIntervalMs = 500;

  @MillisecondsSetting({ doc: 'Silence after which a node is suspected.', min: 20, max: 600_000 })
  suspectAfterMs = 2_000;

  @MillisecondsSetting({ doc: 'Silence after which a node is declared down.', min: 30, max: 3_600_000 })
  downAfterMs = 5_000;
}
