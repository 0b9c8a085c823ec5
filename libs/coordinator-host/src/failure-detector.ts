/**
 * Says which members have been silent for too long. Only silence that this process could have heard counts: after an
 * outage of the bus, and after a pause of this process itself, everybody starts afresh.
 */
export interface DetectorOptions {
  readonly suspectAfterMs: number;
  readonly downAfterMs: number;
}

export type Verdict = 'alive' | 'suspect' | 'down';

export class FailureDetector {
  private readonly heardAtMs = new Map<string, number>();

  constructor(private readonly options: DetectorOptions) {}

  heard(nodeId: string, nowMs: number): void {
    this.heardAtMs.set(nodeId, nowMs);
  }

  isWatched(nodeId: string): boolean {
    return this.heardAtMs.has(nodeId);
  }

  watched(): readonly string[] {
    return [...this.heardAtMs.keys()];
  }

  forget(nodeId: string): void {
    this.heardAtMs.delete(nodeId);
  }

  /** Everybody who is watched counts as heard now. */
  startAfresh(nowMs: number): void {
    for (const nodeId of this.heardAtMs.keys()) this.heardAtMs.set(nodeId, nowMs);
  }

  /** 0 for a member that is not watched. */
  silentMs(nodeId: string, nowMs: number): number {
    return nowMs - (this.heardAtMs.get(nodeId) ?? nowMs);
  }

  verdict(nodeId: string, nowMs: number): Verdict {
    const silentMs = this.silentMs(nodeId, nowMs);
    if (silentMs >= this.options.downAfterMs) return 'down';
    return silentMs >= this.options.suspectAfterMs ? 'suspect' : 'alive';
  }
}
