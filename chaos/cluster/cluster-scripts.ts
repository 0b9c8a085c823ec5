/** What scripts/lib knows of clusters of processes, with types: `npm run cluster` starts the same ones in the same way. */
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../bench/lib/root.js';

export type ServiceRole = 'coordinator' | 'storage-node' | 'gateway';

export interface MemberSettings {
  readonly id: string;
  readonly role: ServiceRole | 'nats';
  readonly logFile: string;
}

export interface ClusterProcess {
  readonly id: string;
  readonly role: ServiceRole | 'nats';
  readonly state: 'down' | 'starting' | 'ready';
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  readonly ports: { readonly resp: number; readonly http: number; readonly admin: number; readonly nats?: number };
  start(): void;
  /** Rejects when it ends before it is ready, or is not in time. */
  whenReady(limitMs: number): Promise<void>;
  /** SIGTERM, and SIGKILL after the limit; answers whether it ended by itself. */
  stop(limitMs: number): Promise<boolean>;
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Where a service lives: what it listens on, how it reaches the bus, and the command that is put before its own. */
export interface Place {
  readonly host: string;
  readonly natsUrl: string;
  readonly wrapper: readonly string[];
}

export interface MemberOptions {
  readonly name: string;
  readonly host: string;
  readonly storage: number;
  readonly coordinators: number;
  readonly gateways: number;
  readonly respPort: number;
  readonly httpPort: number;
  readonly natsPort: number;
  readonly natsHost: string;
  readonly logLevel: string;
  readonly serviceFlags: readonly string[];
  readonly placeOf: (id: string) => Place;
}

export interface Folders {
  readonly data: string;
  readonly logs: string;
  readonly run: string;
}

interface MembersScript {
  natsMember(program: string, options: MemberOptions, folders: Folders): MemberSettings;
  serviceMember(
    role: ServiceRole,
    index: number,
    options: MemberOptions,
    folders: Folders,
    natsUrl: string,
  ): MemberSettings;
  serviceMembers(options: MemberOptions, folders: Folders, natsUrl: string): MemberSettings[];
}

interface ProcessScript {
  readonly ClusterProcess: new (
    settings: MemberSettings & { readonly onExit: (self: ClusterProcess, how: string) => void },
  ) => ClusterProcess;
}

interface NatsScript {
  /** Throws an Error that says what to install. */
  findNatsServer(env: NodeJS.ProcessEnv): string;
}

const script = async <T>(name: string): Promise<T> =>
  (await import(pathToFileURL(inRoot('scripts', 'lib', name)).href)) as T;

export const { natsMember, serviceMember, serviceMembers } = await script<MembersScript>('cluster-members.mjs');
export const { ClusterProcess: Process } = await script<ProcessScript>('cluster-process.mjs');
export const { findNatsServer } = await script<NatsScript>('cluster-nats.mjs');
