/** Asks a process whether it is alive; one of another incarnation does not answer. The reply names the incarnation too. */
export interface Ping {
  readonly incarnation: number;
}

/** Asks a member to ping another one, which is suspected to have failed. */
export interface ProbeRequest {
  readonly target: string;
  /** The target's process. */
  readonly incarnation: number;
  /** How long to wait for the target's answer; from 1 to `CLUSTER_LIMITS.maxProbeTimeoutMs`. */
  readonly timeoutMs: number;
}

export interface ProbeReply {
  readonly heard: boolean;
  /** From the ping to its answer, or to the end of waiting. */
  readonly millis: number;
}
