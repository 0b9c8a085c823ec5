export interface MetricText {
  readonly name: string;
  readonly help: string;
}

/**
 * Every metric's name and help text. Dashboards, alert rules and docs/reference/metrics.md use these names; the label
 * `node` (and `role`) is on all of them. Units are base units: seconds and bytes.
 */
export const METRICS = {
  requests: {
    name: 'hypercache_requests_total',
    help: 'Commands received, by command.',
  },
  requestErrors: {
    name: 'hypercache_request_errors_total',
    help: 'Commands answered with an error, by command.',
  },
  requestDuration: {
    name: 'hypercache_request_duration_seconds',
    help: 'Time from a command read to the answer of its storage node, by command.',
  },
  requestsInFlight: {
    name: 'hypercache_requests_in_flight',
    help: 'Commands that wait for their reply.',
  },
  requestTimeouts: {
    name: 'hypercache_request_timeouts_total',
    help: 'Commands whose deadline passed before a reply.',
  },
  hitRatio: {
    name: 'hypercache_cache_hit_ratio',
    help: 'Hits among the reads of keys, 0 to 1.',
  },
  hits: {
    name: 'hypercache_cache_hits_total',
    help: 'Reads that found their key, by store.',
  },
  misses: {
    name: 'hypercache_cache_misses_total',
    help: 'Reads that did not find their key, by store.',
  },
  sets: {
    name: 'hypercache_sets_total',
    help: 'Entries written, new ones and over others, by store.',
  },
  deletes: {
    name: 'hypercache_deletes_total',
    help: 'Entries that clients removed, by store.',
  },
  storeDuration: {
    name: 'hypercache_store_operation_seconds',
    help: 'Time of an operation at its storage node, by store and quantile (0.5, 0.99), within a factor of two.',
  },
  memoryUsage: {
    name: 'hypercache_memory_usage_bytes',
    help: 'Bytes of the memory pools that hold entries, by store.',
  },
  memoryLimit: {
    name: 'hypercache_memory_limit_bytes',
    help: 'Memory that a store may use on this node as things are: its own limit, or its share of the node.',
  },
  nodeMemoryUsage: {
    name: 'hypercache_node_memory_usage_bytes',
    help: 'Bytes that all stores of this node use together.',
  },
  nodeMemoryLimit: {
    name: 'hypercache_node_memory_limit_bytes',
    help: 'Memory of all stores of this node together.',
  },
  memoryWasted: {
    name: 'hypercache_memory_wasted_bytes',
    help: 'Bytes that no entry can use until space is reclaimed, by store.',
  },
  memoryReclaimable: {
    name: 'hypercache_memory_reclaimable_bytes',
    help: 'Bytes in use that no entry needs: what cleaning can give back, and pages that are being filled, by store.',
  },
  memoryFragmentation: {
    name: 'hypercache_memory_fragmentation_ratio',
    help: 'Share of the memory that is free in pieces too small to be of use, 0 to 1, by store.',
  },
  memoryPressure: {
    name: 'hypercache_memory_pressure_level',
    help: 'Pressure on a store: 0 none, 1 cleaning, 2 evicting, 3 writes evict first.',
  },
  allocations: {
    name: 'hypercache_allocations_total',
    help: 'Allocations of entries in the memory pools, by store.',
  },
  entries: {
    name: 'hypercache_entries',
    help: 'Entries held, replicas included, by store.',
  },
  evictions: {
    name: 'hypercache_evictions_total',
    help: 'Entries evicted, by store and cause: pressure, limit (lowered), node (other stores have the memory).',
  },
  memoryRefusals: {
    name: 'hypercache_memory_refusals_total',
    help: 'Writes refused for want of memory, by store.',
  },
  expirations: {
    name: 'hypercache_expirations_total',
    help: 'Entries removed because their time to live was over, by store.',
  },
  filterLookups: {
    name: 'hypercache_filter_lookups_total',
    help: 'Look-ups that asked the filter of a store, by store.',
  },
  filterNegatives: {
    name: 'hypercache_filter_negatives_total',
    help: 'Look-ups that the filter answered by "absent", by store.',
  },
  filterFalsePositives: {
    name: 'hypercache_filter_false_positives_total',
    help: 'Look-ups of absent keys that the filter let through, by store.',
  },
  filterLoad: {
    name: 'hypercache_filter_load',
    help: 'Slots in use among those of the filter, 0 to 1, by store with a filter.',
  },
  filterBytes: {
    name: 'hypercache_filter_bytes',
    help: 'Memory of the filter, which counts as its store’s, by store with a filter.',
  },
  nearFilterHits: {
    name: 'hypercache_near_filter_hits_total',
    help: 'Reads of absent keys that the gateway answered by its copies of the filter, by store that permits copies.',
  },
  nearFilterBytes: {
    name: 'hypercache_near_filter_bytes',
    help: 'Memory of the gateway’s copies of the filter, by store that permits copies.',
  },
  nearFilterRefreshes: {
    name: 'hypercache_near_filter_refreshes_total',
    help: 'Copies of a shard’s filter that were made or found to be as they were, by store that permits copies.',
  },
  networkBytes: {
    name: 'hypercache_network_bytes_total',
    help: 'Bytes over the network, by link (client) and direction (in, out).',
  },
  busMessages: {
    name: 'hypercache_bus_messages_total',
    help: 'Messages over the bus, by connection (control, data) and direction (in, out, dropped).',
  },
  connections: {
    name: 'hypercache_connections',
    help: 'Client connections open.',
  },
  connectionsAccepted: {
    name: 'hypercache_connections_accepted_total',
    help: 'Client connections accepted.',
  },
  connectionsRefused: {
    name: 'hypercache_connections_refused_total',
    help: 'Client connections refused because there were too many.',
  },
  replicationLag: {
    name: 'hypercache_replication_lag_seconds',
    help: 'Age of the oldest event that the target has not acknowledged, by source and target node.',
  },
  replicationLagEvents: {
    name: 'hypercache_replication_lag_events',
    help: 'Events that the target has not acknowledged, by source and target node.',
  },
  replicationConflicts: {
    name: 'hypercache_replication_conflicts_total',
    help: 'Conflicts resolved between divergent copies, by store.',
  },
  eventsAppended: {
    name: 'hypercache_log_events_total',
    help: 'Events that changes of entries were recorded as.',
  },
  logWrittenBytes: {
    name: 'hypercache_log_written_bytes_total',
    help: 'Bytes of the event log that were handed to the system.',
  },
  logBehindBytes: {
    name: 'hypercache_log_behind_checkpoint_bytes',
    help: 'Bytes of the event log that a start would have to replay.',
  },
  logPendingBytes: {
    name: 'hypercache_log_pending_bytes',
    help: 'Bytes of the event log that wait for the disk.',
  },
  logSyncs: { name: 'hypercache_log_syncs_total', help: 'How often the event log was forced to the disk.' },
  logFailures: { name: 'hypercache_log_failures_total', help: 'Writes and syncs of the event log that failed.' },
  logRefusing: {
    name: 'hypercache_log_refusing',
    help: 'Whether writes are refused because the event log cannot be written: 1 or 0.',
  },
  checkpoints: {
    name: 'hypercache_checkpoints_total',
    help: 'Checkpoints that this storage node has tried to take, by outcome.',
  },
  recoverySeconds: {
    name: 'hypercache_recovery_seconds',
    help: 'How long reading checkpoint and log took at the start of this storage node.',
  },
  logBytes: {
    name: 'hypercache_log_bytes',
    help: 'Bytes of the event log on disk.',
  },
  diskFree: {
    name: 'hypercache_disk_free_bytes',
    help: 'Bytes free on the disk that holds the data folder.',
  },
  logSyncDuration: {
    name: 'hypercache_log_sync_duration_seconds',
    help: 'Duration of an fsync of the log.',
  },
  snapshots: {
    name: 'hypercache_snapshots_total',
    help: 'Snapshots finished, by outcome.',
  },
  partitions: {
    name: 'hypercache_partitions',
    help: 'Partitions held, by role (primary, replica, learner).',
  },
  ringPartitions: {
    name: 'hypercache_ring_partitions',
    help: 'Copies of partitions that the table gives this node.',
  },
  ringPrimaries: {
    name: 'hypercache_ring_primaries',
    help: 'Partitions that this node is the primary of.',
  },
  ringDeviation: {
    name: 'hypercache_ring_deviation_ratio',
    help: 'How far these are above (or below, negative) the share that the node has by weight, as a part of the share.',
  },
  partitionMoves: {
    name: 'hypercache_partition_moves',
    help: 'Partitions on their way to another node.',
  },
  partitionMovesTotal: {
    name: 'hypercache_partition_moves_total',
    help: 'Moves of partitions that this coordinator has seen begin, end with a new owner, or come to nothing.',
  },
  partitionMoveBytes: {
    name: 'hypercache_partition_move_bytes_total',
    help: 'Bytes of entries that this storage node has sent to others because partitions move.',
  },
  partitionsUnderReplicated: {
    name: 'hypercache_partitions_under_replicated',
    help: 'Partitions with fewer owners that are there than stores ask for.',
  },
  partitionsChangingOwners: {
    name: 'hypercache_partitions_changing_owners',
    help: 'Partitions whose owners have changed, and that are not served with them yet.',
  },
  primaryChanges: {
    name: 'hypercache_primary_changes_total',
    help: 'Partitions to which this coordinator gave another owner as primary: because theirs was gone or could not begin, or back to where the placement has it.',
  },
  promotionsFailed: {
    name: 'hypercache_promotions_failed_total',
    help: 'Owners chosen as primaries that told this coordinator that they could not begin.',
  },
  drainingNodes: {
    name: 'hypercache_draining_nodes',
    help: 'Storage nodes that hand their partitions over, or have done so.',
  },
  raftTerm: {
    name: 'hypercache_raft_term',
    help: 'Term of the Raft group of coordinators, as this one knows it.',
  },
  raftIsLeader: {
    name: 'hypercache_raft_is_leader',
    help: 'Whether this coordinator leads: 1 or 0.',
  },
  raftCommitIndex: {
    name: 'hypercache_raft_commit_index',
    help: 'The last entry of the log that this coordinator knows a majority to have.',
  },
  raftAppliedIndex: {
    name: 'hypercache_raft_applied_index',
    help: 'The last entry of the log that this coordinator has applied.',
  },
  raftElections: {
    name: 'hypercache_raft_elections_total',
    help: 'Elections that this coordinator has begun.',
  },
  raftDroppedMessages: {
    name: 'hypercache_raft_dropped_messages_total',
    help: 'Raft messages that this coordinator dropped or could not send, by reason.',
  },
  tableVersion: {
    name: 'hypercache_table_version',
    help: 'Version of the partition table that this node acts on.',
  },
  members: {
    name: 'hypercache_members',
    help: 'Members of the cluster, by state.',
  },
  memberPhi: {
    name: 'hypercache_member_phi',
    help: 'How suspicious the silence of a member is (phi of the accrual failure detector).',
  },
  memberProbes: {
    name: 'hypercache_member_probe_rounds_total',
    help: 'Rounds of probes of suspected members, by outcome.',
  },
  memberFlaps: {
    name: 'hypercache_member_flaps_total',
    help: 'Members held back since they came and went too often.',
  },
  memberOutages: {
    name: 'hypercache_member_outages_total',
    help: 'Times that most members fell silent at once, which blames nobody.',
  },
  raftQuorum: {
    name: 'hypercache_raft_quorum',
    help: 'Whether this coordinator knows a leader that has a majority: 1 or 0.',
  },
  raftVoters: {
    name: 'hypercache_raft_voters',
    help: 'Coordinators that vote in the group; those that are taken in listen first.',
  },
  build: {
    name: 'hypercache_build_info',
    help: '1, with the version as a label.',
  },
} as const satisfies Record<string, MetricText>;
