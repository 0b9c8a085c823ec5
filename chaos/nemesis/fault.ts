/** What goes wrong in a run: faults as values, drawn before they happen, so that they can be printed and lived again. */

export const FAULT_KINDS = ['kill', 'pause', 'nats', 'partition', 'disk', 'join', 'drain'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Those that need network or mount namespaces of their own. */
export const PRIVILEGED_KINDS: readonly FaultKind[] = ['partition', 'disk'];
export const DEFAULT_KINDS = FAULT_KINDS.filter((kind) => !PRIVILEGED_KINDS.includes(kind));

/** The bus as a target, beside the services' names. */
export const NATS = 'nats';

/** `in`: nothing reaches the service from the bus, `out`: nothing of the service reaches the bus. */
export const CUTS = ['both', 'in', 'out'] as const;
export type Cut = (typeof CUTS)[number];

export type FaultAction =
  | { readonly kind: 'kill' | 'pause' | 'disk' | 'join' }
  | { readonly kind: 'nats'; readonly way: 'kill' | 'pause' }
  | { readonly kind: 'partition'; readonly way: Cut }
  /** An operator's wish that is taken back, or SIGTERM to a process that comes back. */
  | { readonly kind: 'drain'; readonly way: 'command' | 'stop' };

export type Fault = FaultAction & {
  readonly targets: readonly string[];
  /** Since the episode began. */
  readonly delayMs: number;
  /** From its beginning to its healing, which takes time of its own. */
  readonly lastsMs: number;
};

/** Faults that overlap, after a time without any; the next episode begins once all of them are healed. */
export interface Episode {
  readonly calmMs: number;
  readonly faults: readonly Fault[];
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** `kill storage-2, down for 1.2 s` */
export function describeFault(fault: Fault): string {
  const who = fault.targets.join(', ');
  const lasting = seconds(fault.lastsMs);
  switch (fault.kind) {
    case 'kill':
      return `kill ${who}, down for ${lasting}`;
    case 'pause':
      return `pause ${who} for ${lasting}`;
    case 'nats':
      return fault.way === 'kill' ? `kill nats-server, down for ${lasting}` : `pause nats-server for ${lasting}`;
    case 'partition':
      return `cut ${who} from the bus for ${lasting}${fault.way === 'both' ? '' : `, ${fault.way}bound only`}`;
    case 'disk':
      return `fill the disk of ${who} for ${lasting}`;
    case 'join':
      return `let ${who} join for ${lasting}`;
    case 'drain':
      return fault.way === 'command' ? `drain ${who}, undone after ${lasting}` : `stop ${who}, back after ${lasting}`;
  }
}
