import type { RuntimeSettings } from '#libs/commands';
import type { GatewayOptions } from './options.js';
import type { GatewayStatistics } from './statistics.js';

/** A setting as Redis names it: how it is read, and, where it may change at run time, how it is checked and set. */
interface Setting {
  read(): string;
  /** Undefined where it took effect, else the reason why not. */
  write?(value: string): string | undefined;
}

const MAX_TIMEOUT_MS = 600_000;

/**
 * What CONFIG GET and CONFIG SET see of a gateway. Redis's own names answer what they mean here, so that clients and tools
 * that look at them decide right.
 */
export class GatewaySettings implements RuntimeSettings {
  requestTimeoutMs: number;
  private readonly rows: ReadonlyMap<string, Setting>;

  constructor(
    options: GatewayOptions,
    private readonly statistics: GatewayStatistics,
    /** Bytes that the storage nodes may hold together. */
    maxMemoryBytes: () => number,
  ) {
    this.requestTimeoutMs = options.requestTimeoutMs;
    this.rows = new Map<string, Setting>([
      ['appendonly', { read: () => 'no' }],
      ['bind', { read: () => options.advertise.host }],
      ['cluster-enabled', { read: () => (options.mode === 'cluster' ? 'yes' : 'no') }],
      ['databases', { read: () => '16' }],
      ['maxclients', { read: () => String(options.maxClients) }],
      ['maxmemory', { read: () => String(maxMemoryBytes()) }],
      ['maxmemory-policy', { read: () => 'noeviction' }],
      ['port', { read: () => String(options.advertise.respPort) }],
      ['proto-max-bulk-len', { read: () => String(options.maxValueBytes) }],
      ['request-timeout-ms', { read: () => String(this.requestTimeoutMs), write: (value) => this.setTimeoutMs(value) }],
      ['save', { read: () => '' }],
    ]);
  }

  names(): readonly string[] {
    return [...this.rows.keys()];
  }

  get(name: string): string | undefined {
    return this.rows.get(name)?.read();
  }

  set(settings: ReadonlyMap<string, string>): string | undefined {
    const before: [Setting, string][] = [];
    for (const [name, value] of settings) {
      const row = this.rows.get(name);
      const old = row?.read() ?? '';
      const reason = row?.write === undefined ? "can't set immutable config" : row.write(value);
      if (reason !== undefined) {
        for (const [changed, previous] of before) changed.write?.(previous);
        return reason;
      }
      before.push([row as Setting, old]);
    }
    return undefined;
  }

  resetStatistics(): void {
    this.statistics.reset();
  }

  private setTimeoutMs(value: string): string | undefined {
    const timeoutMs = Number(value);
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
      return `argument must be between 1 and ${MAX_TIMEOUT_MS} inclusive`;
    }
    this.requestTimeoutMs = timeoutMs;
    return undefined;
  }
}
