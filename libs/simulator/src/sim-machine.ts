/**
 * A machine that runs one process of the cluster after another: its disk and its clock's error outlive them. Each life gets
 * a connection of its own for control and data, and randomness of its own, and runs the production host.
 */
import type { ClusterTable } from '#libs/cluster';
import { ALL_COMMANDS, CommandTable } from '#libs/commands';
import { CoordinatorHost } from '#libs/coordinator-host';
import { GatewayHost, type GatewaySession } from '#libs/gateway-host';
import type { Bus, ClientSocketHandler, Disk } from '#libs/ports';
import { StorageHost } from '#libs/storage-host';
import type { ClusterSettings } from './cluster-settings.js';
import { coordinatorSettings, gatewaySettings, storageSettings } from './cluster-settings.js';
import { NO_TELEMETRY } from './no-telemetry.js';
import { SimBus } from './sim-bus.js';
import { SimDisk, SimStorage } from './sim-disk.js';
import type { SimLog } from './sim-log.js';
import type { SimNetwork } from './sim-network.js';
import { SimProcess, type SimProcessPorts } from './sim-process.js';
import type { SimRng } from './sim-rng.js';
import { SimClock, SimTimers } from './sim-time.js';

export type MachineRole = 'coordinator' | 'storage-node' | 'gateway';

/** Known bugs are put into a cluster by wrapping what its hosts are given. */
export interface Sabotage {
  bus?(
    bus: Bus,
    role: MachineRole,
    plane: 'control' | 'data',
    after: (delayMs: number, callback: () => void) => void,
  ): Bus;
  disk?(disk: Disk): Disk;
  /** A host before its start; `life` counts the processes of its machine. */
  coordinator?(host: CoordinatorHost, life: number): void;
  storageNode?(host: StorageHost): void;
}

export const HEALTHY_SABOTAGE: Sabotage = {};

export interface MachineWorld extends Omit<SimProcessPorts, 'rng'> {
  readonly rng: SimRng;
  readonly network: SimNetwork;
  readonly log: SimLog;
  readonly settings: ClusterSettings;
  readonly sabotage: Sabotage;
  onDurableTable(table: ClusterTable): void;
  /** After each turn of a machine's process. */
  onMachineTurn?(machine: SimMachine): void;
  /** The event records of a storage node's turn. */
  onEvents(records: Uint8Array, length: number): void;
}

/** Compiled once: it never changes. */
const COMMANDS = new CommandTable(ALL_COMMANDS);

/** After a start that failed, as a supervisor would. */
const RESTART_AFTER_FAILURE_MS = 200;
/** What a host has sent at its end is on its way by then. */
const GOODBYE_MS = 2;

export class SimMachine {
  readonly storage: SimStorage;
  process: SimProcess | undefined;
  coordinator: CoordinatorHost | undefined;
  storageNode: StorageHost | undefined;
  gateway: GatewayHost | undefined;
  lives = 0;
  private buses: SimBus[] = [];
  private clock: SimClock | undefined;
  private wallOffsetMs = 0;

  constructor(
    readonly name: string,
    readonly role: MachineRole,
    private readonly world: MachineWorld,
  ) {
    this.storage = new SimStorage(world.rng.fork(`${name} disk`));
  }

  get isUp(): boolean {
    return this.process !== undefined;
  }

  get sockets(): ClientSocketHandler<GatewaySession> | undefined {
    return this.gateway?.sockets;
  }

  /** Starts a new process, unless one runs. */
  start(): void {
    if (this.isUp) return;
    const { world, name } = this;
    const rng = world.rng.fork(`${name} life ${++this.lives}`);
    const onTurn = (): void => world.onMachineTurn?.(this);
    const process = new SimProcess(name, { ...world, rng: rng.fork('process'), onTurn });
    this.process = process;
    this.buses = [new SimBus(process, world.network), new SimBus(process, world.network)];
    this.clock = new SimClock(world.queue, rng.between(0, 1e6));
    this.clock.wallOffsetMs = this.wallOffsetMs;
    this.record('starts');
    process.enter(() => this.startHost(process, rng.fork('host')));
  }

  /** The process dies at once; its disk keeps what the crash leaves of it. */
  crash(power: 'kept' | 'lost' = 'kept'): void {
    if (this.process === undefined) return;
    this.record('crashes');
    this.process.kill();
    for (const bus of this.buses) bus.crash();
    if (power === 'lost') this.storage.losePower();
    else this.storage.crash();
    this.process = undefined;
    this.coordinator = undefined;
    this.storageNode = undefined;
    this.gateway = undefined;
  }

  /** The process is asked to end, as by SIGTERM: it says goodbye first. */
  stop(onEnded: () => void): void {
    const { process } = this;
    if (process === undefined) return;
    this.record('is asked to stop');
    const end = (): void =>
      void this.world.queue.after(GOODBYE_MS, () => {
        if (this.process === process) onEnded();
      });
    process.enter(() => (this.gateway ?? this.storageNode ?? this.coordinator)?.stop(end));
  }

  /** The storage node hands its partitions over; calls back when it should stop, unless it has crashed meanwhile. */
  drain(onDrained: () => void): void {
    const { process } = this;
    if (process === undefined) return;
    this.record('drains');
    process.enter(() => this.storageNode?.drain(() => this.process === process && onDrained()));
  }

  disconnect(): void {
    this.record('loses the bus');
    for (const bus of this.buses) bus.disconnect();
  }

  reconnect(): void {
    if (this.isUp) this.record('has the bus again');
    for (const bus of this.buses) bus.reconnect();
  }

  /** From now on its wall clock is off by so much. */
  setWallOffset(offsetMs: number): void {
    this.wallOffsetMs = offsetMs;
    if (this.clock !== undefined) this.clock.wallOffsetMs = offsetMs;
  }

  private startHost(process: SimProcess, rng: SimRng): void {
    const { world, name, role } = this;
    const [control, data] = this.buses.map((bus, i) => this.sabotaged(bus, i === 0 ? 'control' : 'data'));
    const clock = this.clock as SimClock;
    const timers = new SimTimers(process);
    const logger = world.log.logger(name);
    const ports = { control, data, clock, timers, rng, logger, telemetry: NO_TELEMETRY };
    if (role === 'gateway') {
      this.gateway = new GatewayHost(ports, gatewaySettings(world.settings, name), COMMANDS);
      this.gateway.start();
    } else if (role === 'storage-node') {
      this.storageNode = new StorageHost(ports, storageSettings(world.settings, name), COMMANDS);
      this.storageNode.onEvents = ({ writer }) => world.onEvents(writer.buffer, writer.length);
      world.sabotage.storageNode?.(this.storageNode);
      this.storageNode.start();
    } else {
      const disk = world.sabotage.disk?.(new SimDisk(process, this.storage)) ?? new SimDisk(process, this.storage);
      const options = coordinatorSettings(world.settings, name);
      this.startCoordinator(new CoordinatorHost({ bus: control, disk, clock, timers, rng, logger, options }));
    }
  }

  /** One that cannot read its files, or write them any more, ends and is started again. */
  private startCoordinator(host: CoordinatorHost): void {
    const { process } = this;
    this.coordinator = host;
    const restart = (): void => {
      if (this.process !== process) return;
      this.crash();
      this.world.queue.after(RESTART_AFTER_FAILURE_MS, () => this.start());
    };
    host.onTable((table) => this.world.onDurableTable(table));
    host.onFailed = () => this.world.queue.after(0, restart);
    this.world.sabotage.coordinator?.(host, this.lives);
    host.bindToBus();
    host.start((error) => {
      if (error !== undefined) restart();
    });
  }

  private sabotaged(bus: SimBus, plane: 'control' | 'data'): Bus {
    const after = (delayMs: number, callback: () => void): void => void bus.process.after(delayMs, callback);
    return this.world.sabotage.bus?.(bus, this.role, plane, after) ?? bus;
  }

  private record(what: string): void {
    const { world, name } = this;
    world.trace.note(world.queue.nowMs, `${name} ${what}`);
    world.log.add(name, 'INFO', 'LIFECYCLE', `the process ${what}`, {});
  }
}
