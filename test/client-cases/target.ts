// What the shared cases run against: a standalone or a cluster, each with the ports of its RESP listeners.
import { RawConnection } from '../support/raw-connection.js';

export interface Target {
  readonly mode: 'standalone' | 'cluster';
  /** One per gateway. */
  readonly respPorts: readonly number[];
  /** Starts a listener that wants {@link PASSWORD}; in a cluster it serves the same data. */
  startGuarded(): Promise<Guarded>;
}

export interface Guarded {
  readonly respPort: number;
  stop(): Promise<void>;
}

/** The cases are declared before anything runs, so they ask for their target when they do. */
export type AskTarget = () => Target;

export const PASSWORD = 'correct horse';

/** Runs a body with a raw connection that is closed in any case. */
export async function withRaw<T>(port: number, body: (raw: RawConnection) => Promise<T>): Promise<T> {
  const raw = await RawConnection.open(port);
  try {
    return await body(raw);
  } finally {
    raw.close();
  }
}
