/**
 * How often clients' reads went back in time. Level ONE does not promise that they never do (after a failover, or from a
 * replica), so this counts and condemns nothing. A read goes back where its value is certainly older than one that the same
 * client had read of the key before: its write had completed before the newer one was invoked, or the client had seen it
 * already, before the newer one. Values that were written more than once have no age; of counters the smaller value is older.
 */
import { type History, KIND, LEVELS, type Level } from './history.js';
import { isIntegerCode, NIL } from './values.js';

export interface SessionReads {
  /** Pairs of a client and a key that it read. */
  readonly sessions: number;
  readonly reads: number;
  /** Reads that went back, and sessions that have some. */
  readonly readsBack: number;
  readonly sessionsBack: number;
  /** Id of the first read that went back. */
  readonly first: number | undefined;
}

interface Session {
  newest: number | undefined;
  /** Values that were read before the newest. */
  readonly older: Set<number>;
  readsBack: number;
}

/** Judges reads of one level; writes of all levels tell the ages of values. */
export function countSessionReads(history: History, level: Level = 'ONE'): SessionReads {
  const total = { sessions: 0, reads: 0, readsBack: 0, sessionsBack: 0, first: undefined as number | undefined };
  for (const ids of history.idsByKey().values()) {
    const ages = new Ages(history, ids);
    const sessions = new Map<number, Session>();
    for (const id of ids) {
      if (history.kinds[id] !== KIND.read || !history.isOk(id) || LEVELS[history.levels[id]] !== level) continue;
      total.reads++;
      const session = sessionOf(sessions, history.clients[id]);
      if (!goesBack(session, history.resultCodes[id], ages)) continue;
      total.readsBack++;
      if (session.readsBack++ === 0) total.sessionsBack++;
      if (total.first === undefined || id < total.first) total.first = id;
    }
    total.sessions += sessions.size;
  }
  return total;
}

function sessionOf(sessions: Map<number, Session>, client: number): Session {
  const known = sessions.get(client);
  if (known !== undefined) return known;
  const session: Session = { newest: undefined, older: new Set(), readsBack: 0 };
  sessions.set(client, session);
  return session;
}

function goesBack(session: Session, value: number, ages: Ages): boolean {
  const { newest, older } = session;
  if (value === newest) return false;
  if (newest !== undefined) {
    if (ages.isOlder(value, newest) || (older.has(value) && ages.isUnique(value))) return true;
    older.add(newest);
  }
  session.newest = value;
  return false;
}

/** What a key's writes tell about which of two values is older. */
class Ages {
  /** The write of a value, undefined where there are several. Nil without a write was there before all. */
  private readonly writers = new Map<number, number | undefined>();
  private readonly isCounter: boolean;

  constructor(
    private readonly history: History,
    ids: readonly number[],
  ) {
    const { kinds, argumentCodes } = history;
    const writes = ids.filter((id) => kinds[id] !== KIND.read && (history.isOk(id) || history.isUnknown(id)));
    this.isCounter = writes.length > 0 && writes.every((id) => kinds[id] === KIND.increment && argumentCodes[id] > 0);
    for (const id of writes) {
      const kind = kinds[id];
      if (kind === KIND.increment || kind === KIND.append) continue;
      const value = kind === KIND.delete || kind === KIND.loss ? NIL : argumentCodes[id];
      this.writers.set(value, this.writers.has(value) ? undefined : id);
    }
  }

  /** Whether it came into being once at most. */
  isUnique(value: number): boolean {
    return this.isCounter || (this.writers.get(value) !== undefined && value !== NIL);
  }

  isOlder(value: number, than: number): boolean {
    if (this.isCounter) return counted(value) < counted(than);
    if (value === NIL) return !this.writers.has(NIL);
    const [older, newer] = [this.writers.get(value), this.writers.get(than)];
    if (older === undefined || newer === undefined || !this.history.isOk(older)) return false;
    return this.history.completedAt[older] < this.history.invokedAt[newer];
  }
}

const counted = (code: number): number => (isIntegerCode(code) ? code : 0);
