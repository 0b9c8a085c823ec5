/**
 * The cluster that is hit: nats-server, coordinators, storage nodes and gateways as processes, and one storage node more that
 * joins and leaves. It notes every process that ends without having been told to, which none may.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterView, type RingReply } from '../../bench/lib/cluster-view.js';
import type { Address } from '../load/chaos-connection.js';
import { NATS } from '../nemesis/fault.js';
import type { Cast } from '../nemesis/draw-episode.js';
import type { World } from '../world/world.js';
import {
  type ClusterProcess,
  findNatsServer,
  type Folders,
  type MemberOptions,
  type MemberSettings,
  natsMember,
  Process,
  serviceMember,
  serviceMembers,
} from './cluster-scripts.js';

export interface ClusterSize {
  readonly storage: number;
  readonly coordinators: number;
  readonly gateways: number;
}

const READY_LIMIT_MS = 90_000;
const RETRY_MS = 500;
/** Draining, and what follows on SIGTERM. */
const STOP_LIMIT_MS = 60_000;
/** Small files, so that a run rotates segments and takes checkpoints all the time. */
const SERVICE_FLAGS = ['--persistence-segment-bytes', '256kb', '--persistence-checkpoint-bytes', '256kb'];

export class ChaosCluster {
  readonly cast: Cast;
  /** Ends that nobody asked for. */
  readonly surprises: string[] = [];
  private readonly processes = new Map<string, ClusterProcess>();
  private readonly starting = new Set<string>();
  private readonly options: MemberOptions;
  private readonly folders: Folders;

  constructor(
    size: ClusterSize,
    readonly folder: string,
    private readonly world: World,
  ) {
    const { storage, coordinators, gateways } = size;
    const named = (prefix: string, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);
    this.cast = {
      storage: named('storage', storage),
      coordinators: named('coordinator', coordinators),
      gateways: named('gateway', gateways),
      newcomer: `storage-${storage + 1}`,
    };
    this.folders = { data: join(folder, 'nodes'), logs: join(folder, 'logs'), run: join(folder, 'run') };
    for (const each of Object.values(this.folders)) mkdirSync(each, { recursive: true });
    this.options = {
      ...size,
      name: 'chaos',
      host: world.host,
      natsHost: world.natsHost,
      respPort: 0,
      httpPort: 0,
      natsPort: 0,
      logLevel: 'INFO',
      serviceFlags: SERVICE_FLAGS,
      placeOf: (id) => world.placeOf(id, this.of(NATS).ports.nats ?? 0),
    };
  }

  /** Every name, the newcomer's too. */
  get services(): readonly string[] {
    const { storage, coordinators, gateways, newcomer } = this.cast;
    return [...coordinators, ...storage, ...gateways, newcomer];
  }

  dataFolderOf(id: string): string {
    return join(this.folders.data, id);
  }

  /** Settles once all but the newcomer are ready. */
  async start(): Promise<void> {
    const nats = this.add(natsMember(findNatsServer(process.env), this.options, this.folders));
    await this.startOne(nats);
    for (const settings of serviceMembers(this.options, this.folders, '')) this.add(settings);
    this.add(serviceMember('storage-node', this.cast.storage.length, this.options, this.folders, ''));
    await Promise.all(this.services.filter((id) => id !== this.cast.newcomer).map((id) => this.startOne(this.of(id))));
  }

  of(id: string): ClusterProcess {
    const found = this.processes.get(id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  addressOf(gateway: string): Address {
    return { host: this.world.hostOf(gateway), port: this.of(gateway).ports.resp };
  }

  /** Through the first gateway that answers. Throws where none does. */
  async ring(): Promise<RingReply> {
    return this.ask((view) => view.ring());
  }

  async ask<T>(question: (view: ClusterView) => Promise<T>): Promise<T> {
    let failure = new Error('no gateway runs');
    for (const id of this.cast.gateways) {
      const gateway = this.of(id);
      if (gateway.state !== 'ready') continue;
      try {
        return await question(new ClusterView(gateway.ports.http, this.world.hostOf(id)));
      } catch (error) {
        failure = error as Error;
      }
    }
    throw failure;
  }

  /**
   * Starts what is down, again and again until it is ready: while other faults last a start may fail. Answers how the failed
   * ones ended. Throws when the time is over.
   */
  async bringUp(id: string): Promise<readonly string[]> {
    const one = this.of(id);
    const deadlineMs = performance.now() + READY_LIMIT_MS;
    const failures: string[] = [];
    while (!one.isRunning) {
      try {
        await this.startOne(one);
      } catch (error) {
        failures.push((error as Error).message);
        if (performance.now() > deadlineMs) throw error;
        await sleep(RETRY_MS);
      }
    }
    return failures;
  }

  /** SIGTERM. Answers whether it ended in time; else it was killed. */
  async stop(id: string): Promise<boolean> {
    return this.of(id).stop(STOP_LIMIT_MS);
  }

  /** Kills all of them; what is paused too. */
  async end(): Promise<void> {
    await Promise.all([...this.processes.values()].map((one) => one.kill()));
  }

  /** What the nodes had on their disks; the logs stay. To be called after the end. */
  removeData(): void {
    for (const each of [this.folders.data, this.folders.run]) rmSync(each, { recursive: true, force: true });
  }

  /** For an end of this program that leaves no time: signals alone. */
  endAtOnce(): void {
    for (const one of this.processes.values()) void one.kill();
  }

  private async startOne(one: ClusterProcess): Promise<void> {
    this.starting.add(one.id);
    try {
      one.start();
      await one.whenReady(READY_LIMIT_MS);
    } finally {
      this.starting.delete(one.id);
    }
  }

  private add(settings: MemberSettings): ClusterProcess {
    const one = new Process({ ...settings, onExit: (self, how) => this.onExit(self, how) });
    this.processes.set(one.id, one);
    return one;
  }

  /** Whoever starts a process hears from the start that it failed. */
  private onExit(one: ClusterProcess, how: string): void {
    if (!this.starting.has(one.id)) this.surprises.push(`${one.id} ended by itself (${how})`);
  }
}
