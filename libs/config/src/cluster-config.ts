import { CLUSTER_LIMITS, DEFAULT_REPLICATION_FACTOR } from '#libs/cluster';
import { FailureDetectorConfig } from './failure-detector-config.js';
import { RingConfig } from './ring-config.js';
import {
  IntegerSetting,
  MillisecondsSetting,
  SectionOf,
  TextListSetting,
  TextSetting,
  TokenSetting,
} from './setting-types.js';

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

  @TextListSetting({
    doc: 'Names of all coordinators, the same list at each of them: three or five. The first one founds the group once it has heard the others; a coordinator that comes later names at least one of those that are there.',
    defaultText: 'this coordinator alone',
    env: ['HC_CLUSTER_COORDINATORS'],
    flag: 'coordinators',
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    allowed: 'names of nodes: 1 to 64 letters, digits, "-" and "_" each',
  })
  coordinators: readonly string[] = [];

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

  @TextListSetting({
    doc: 'Node ids of all members. Where given, the coordinator admits no others, besides coordinators; else members are those that announce themselves.',
    env: ['HC_CLUSTER_MEMBERS'],
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    allowed: 'a list of node ids, each of 1 to 64 letters, digits, "-" and "_"',
    defaultText: 'none',
  })
  members: readonly string[] = [];

  @IntegerSetting({
    doc: 'A new cluster forms once this many storage nodes are ready; 0: after `formation_delay_ms` alone.',
    env: ['HC_EXPECTED_STORAGE_NODES'],
    flag: 'expected-storage-nodes',
    min: 0,
    max: 512,
    defaultText: '`0`; `1` in standalone',
  })
  expectedStorageNodes = 0;

  @MillisecondsSetting({
    doc: 'Wait since the first ready storage node after which a new cluster forms with those that are there.',
    min: 0,
  })
  formationDelayMs = 1_500;

  @IntegerSetting({
    doc: 'Partitions of the key space, a power of two; fixed when the cluster forms.',
    env: ['HC_PARTITIONS'],
    flag: 'partitions',
    min: 1,
    max: 16_384,
  })
  partitions = 256;

  @IntegerSetting({
    doc: 'Copies of each entry, each on another storage node, of stores that do not say it themselves. More than 1 is refused as long as storage nodes do not replicate.',
    env: ['HC_REPLICATION_FACTOR'],
    flag: 'replication-factor',
    min: 1,
    max: CLUSTER_LIMITS.maxOwners,
  })
  replicationFactor = DEFAULT_REPLICATION_FACTOR;

  @MillisecondsSetting({
    doc: 'Silence after which a storage node whose partitions have other owners gives its places to nodes that are up, where there are any.',
    min: 1_000,
    max: 86_400_000,
  })
  replaceAfterMs = 60_000;

  @MillisecondsSetting({ doc: 'How often a node announces itself.', min: 10, max: 60_000 })
  heartbeatIntervalMs = 500;

  @MillisecondsSetting({ doc: 'Silence after which a node is suspected.', min: 20, max: 600_000, runtime: true })
  suspectAfterMs = 1_500;

  @MillisecondsSetting({ doc: 'Silence after which a node is declared down.', min: 30, max: 59_000, runtime: true })
  downAfterMs = 3_000;

  @MillisecondsSetting({
    doc: 'The longest that a storage node which was told to stop waits until others have taken its partitions over; 0: it does not wait, and what it holds is lost.',
    env: ['HC_DRAIN_TIMEOUT_MS'],
    min: 0,
    max: 3_600_000,
  })
  drainTimeoutMs = 30_000;

  @SectionOf(FailureDetectorConfig, 'How nodes that have failed are told from those that are late')
  failureDetector = new FailureDetectorConfig();

  @SectionOf(RingConfig, 'The consistent-hash ring by which partitions get their owners')
  ring = new RingConfig();
}
