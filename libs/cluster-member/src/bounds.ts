/** Bounds of what a member does for others. */
export const CLUSTER_MEMBER_BOUNDS = {
  /** Probes that a member makes for others at a time; more are dropped, and the asker hears nothing. */
  maxProbes: 16,
} as const;
