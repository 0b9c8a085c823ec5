/**
 * Does to the cluster what was drawn, episode after episode, and heals each before the next. In between everybody runs who
 * belongs to the cluster, and the newcomer has left it for good, with nothing of it in its hands.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosCluster } from '../cluster/chaos-cluster.js';
import type { World } from '../world/world.js';
import type { Episode, Fault, FaultKind } from './fault.js';
import { type Heal, INJECTORS, NotDone } from './injectors.js';
import { describeEntry, type FaultEntry, type Journal } from './journal.js';

/** What keeps a process from starting while it lasts. */
const EXCUSES: readonly FaultKind[] = ['nats', 'partition', 'disk'];
const START_FAILED = /^a start failed: /;
const MAX_LEAVES = 5;
const LEAVE_POLL_MS = 250;
/** A gateway hears of the last table a little later than who has left. */
const TABLE_LIMIT_MS = 5_000;

export class Nemesis {
  /** What went wrong that may not, whatever is done to the cluster. */
  readonly findings: string[] = [];
  private readonly ending = new AbortController();

  constructor(
    private readonly cluster: ChaosCluster,
    private readonly world: World,
    private readonly journal: Journal,
    private readonly onEntry: (line: string) => void,
  ) {}

  /** Goes on until the time is over; what lasts then is healed at once. */
  async run(episodes: Iterable<Episode>, durationMs: number): Promise<void> {
    const timer = setTimeout(() => this.ending.abort(), durationMs);
    for (const episode of episodes) {
      await this.lasting(episode.calmMs);
      if (this.ending.signal.aborted) break;
      await this.live(episode);
    }
    clearTimeout(timer);
  }

  /** Ends the run early. */
  end(): void {
    this.ending.abort();
  }

  private async live(episode: Episode): Promise<void> {
    await Promise.all(episode.faults.map((fault) => this.inject(fault, episode)));
    try {
      const { storage, coordinators, gateways } = this.cluster.cast;
      await Promise.all([...coordinators, ...storage, ...gateways].map((id) => this.cluster.bringUp(id)));
      await this.dismissNewcomer();
    } catch (error) {
      this.findings.push(`not healed: ${(error as Error).message}`);
    }
  }

  private async inject(fault: Fault, episode: Episode): Promise<void> {
    await this.lasting(fault.delayMs);
    const entry = this.journal.begin(fault);
    const note = (text: string): void => void entry.notes.push(text);
    try {
      const heal = await this.begin(fault, entry, note);
      if (heal !== undefined) {
        await this.lasting(fault.lastsMs);
        await heal();
      }
    } catch (error) {
      this.findings.push(`not healed: ${describeEntry(entry)}: ${(error as Error).message}`);
    }
    this.journal.healed(entry);
    this.onEntry(describeEntry(entry));
    if (episode.faults.some(({ kind }) => EXCUSES.includes(kind))) return;
    for (const text of entry.notes) if (START_FAILED.test(text)) this.findings.push(`${describeEntry(entry)}`);
  }

  /** What heals it; undefined where nothing was done. */
  private async begin(fault: Fault, entry: FaultEntry, note: (text: string) => void): Promise<Heal | undefined> {
    try {
      return await INJECTORS[fault.kind](fault, { cluster: this.cluster, world: this.world, note });
    } catch (error) {
      if (!(error instanceof NotDone)) throw error;
      entry.spared = error.message;
      return undefined;
    }
  }

  /**
   * The newcomer hands over what it has before it leaves. One that was killed on its way out may have kept partitions, which
   * nobody else has: it comes back and tries again.
   */
  private async dismissNewcomer(): Promise<void> {
    const { newcomer } = this.cluster.cast;
    for (let attempt = 0; attempt < MAX_LEAVES; attempt++) {
      if (this.cluster.of(newcomer).isRunning) await this.cluster.stop(newcomer);
      if (await this.ownsNothing(newcomer)) return;
      await this.cluster.bringUp(newcomer);
    }
    throw new Error(`${newcomer} still owns partitions after ${MAX_LEAVES} times SIGTERM`);
  }

  private async ownsNothing(id: string): Promise<boolean> {
    const deadlineMs = performance.now() + TABLE_LIMIT_MS;
    for (;;) {
      try {
        const { nodes } = await this.cluster.ring();
        if ((nodes.find((node) => node.id === id)?.partitions ?? 0) === 0) return true;
      } catch {
        // No gateway has a table yet.
      }
      if (performance.now() > deadlineMs) return false;
      await sleep(LEAVE_POLL_MS);
    }
  }

  /** Sleeps, until the end of the run at the longest. */
  private async lasting(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }
}
