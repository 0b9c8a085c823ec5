/** Who takes part in a cluster. The numbers of protobuf's enums are the indexes of these lists. */
export const MEMBER_ROLES = ['unspecified', 'gateway', 'storage-node', 'coordinator'] as const;
export type MemberRole = Exclude<(typeof MEMBER_ROLES)[number], 'unspecified'>;

/** What a member says of itself. */
export const REPORTED_STATES = ['unspecified', 'starting', 'ready', 'draining'] as const;
export type ReportedState = Exclude<(typeof REPORTED_STATES)[number], 'unspecified'>;

/**
 * What the coordinator holds a member for: `suspect` is silent but still used, `left` is gone on purpose, `draining`
 * hands its partitions over, and `joining` is a storage node that owns none yet.
 */
export const NODE_STATUSES = ['unspecified', 'up', 'suspect', 'down', 'left', 'draining', 'joining'] as const;
export type NodeStatus = Exclude<(typeof NODE_STATUSES)[number], 'unspecified'>;

/** Where a member is reached; a port is 0 where it does not listen. */
export interface Endpoints {
  readonly host: string;
  readonly respPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
}
