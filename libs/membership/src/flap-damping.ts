/**
 * Keeps a member that comes and goes from changing the table each time, as route flap damping does with routes
 * (RFC 2439): each change for the worse adds a penalty, which halves in every half-life. A member whose penalty has
 * reached the suppress limit is held: it counts as back only once its penalty has fallen to the reuse limit. So the
 * hold grows with the number of changes, up to four half-lives, and a member that goes once returns at once.
 */
const PENALTIES = {
  /** Heartbeats were missed, and the member still served. */
  suspected: 250,
  /** With the suspicion before it 1000, as in RFC 2439. */
  down: 750,
  /** Another process took its place before anybody noticed. */
  restarted: 500,
} as const;

export type Flap = keyof typeof PENALTIES;

/** Limits as in common routers. */
export const FLAP_LIMITS = {
  suppress: 2_000,
  reuse: 750,
  /** Penalties add up to this at most. */
  ceiling: 750 * 2 ** 4,
} as const;

interface Account {
  penalty: number;
  atMs: number;
  isHeld: boolean;
}

export class FlapDamping {
  /** Members that became held, since the start. */
  holds = 0;
  /** By member, of those that are watched alone. */
  private readonly accounts = new Map<string, Account>();

  /** `flapHalfLifeMs` may change; 0 switches damping off. */
  constructor(private readonly options: { readonly flapHalfLifeMs: number }) {}

  flapped(nodeId: string, flap: Flap, nowMs: number): void {
    const account = this.accounts.get(nodeId) ?? { penalty: 0, atMs: nowMs, isHeld: false };
    this.accounts.set(nodeId, account);
    this.decay(account, nowMs);
    account.penalty = Math.min(account.penalty + PENALTIES[flap], FLAP_LIMITS.ceiling);
    if (account.isHeld || account.penalty < FLAP_LIMITS.suppress || this.options.flapHalfLifeMs === 0) return;
    account.isHeld = true;
    this.holds++;
  }

  /** For how long the member is still held; 0 where it is not. */
  heldMs(nodeId: string, nowMs: number): number {
    const account = this.accounts.get(nodeId);
    if (account === undefined) return 0;
    this.decay(account, nowMs);
    if (!account.isHeld) return 0;
    return Math.max(1, this.options.flapHalfLifeMs * Math.log2(account.penalty / FLAP_LIMITS.reuse));
  }

  forget(nodeId: string): void {
    this.accounts.delete(nodeId);
  }

  private decay(account: Account, nowMs: number): void {
    const { flapHalfLifeMs } = this.options;
    const elapsedMs = Math.max(0, nowMs - account.atMs);
    account.penalty = flapHalfLifeMs === 0 ? 0 : account.penalty * 2 ** (-elapsedMs / flapHalfLifeMs);
    account.atMs = nowMs;
    if (account.penalty <= FLAP_LIMITS.reuse) account.isHeld = false;
  }
}
