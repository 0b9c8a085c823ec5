/**
 * From one configuration to the next. A change of at most one voter goes in one step (thesis §4.1); any other through a
 * joint configuration (§4.3), which the leader leaves by itself once it is committed.
 */
import { RAFT_BOUNDS } from './bounds.js';
import { isJoint, MAX_NODE_ID, NOBODY, sorted, type Configuration, type NodeId } from './configuration.js';

export interface MemberChange {
  /** `add-voter` promotes a learner, `add-learner` demotes a voter. */
  readonly kind: 'add-voter' | 'add-learner' | 'remove';
  readonly id: NodeId;
}

export type Transition =
  { readonly ok: true; readonly next: Configuration } | { readonly ok: false; readonly problem: string };

/** The configuration to append; `alwaysJoint` takes two steps even where one would do. */
export function transition(current: Configuration, changes: readonly MemberChange[], alwaysJoint: boolean): Transition {
  const problem = isJoint(current) ? 'the configuration is joint' : problemOf(changes);
  if (problem !== undefined) return { ok: false, problem };
  const target = changed(current, changes);
  if (target.voters.length === 0) return { ok: false, problem: 'no voter would be left' };
  const members = target.voters.length + target.learners.length;
  if (members > RAFT_BOUNDS.maxMembers) {
    return { ok: false, problem: `${members} members, at most ${RAFT_BOUNDS.maxMembers} are allowed` };
  }
  if (sameIds(current.voters, target.voters) && sameIds(current.learners, target.learners)) {
    return { ok: false, problem: 'nothing would change' };
  }
  const joint = alwaysJoint || votersThatDiffer(current, target) > 1;
  return { ok: true, next: joint ? { ...target, outgoing: current.voters } : target };
}

export function withoutOutgoing(configuration: Configuration): Configuration {
  return { ...configuration, outgoing: [] };
}

function problemOf(changes: readonly MemberChange[]): string | undefined {
  if (changes.length === 0) return 'no change is named';
  if (changes.length > RAFT_BOUNDS.maxMembers) return `more than ${RAFT_BOUNDS.maxMembers} changes at once`;
  const ids = changes.map(({ id }) => id);
  const invalid = ids.find((id) => !Number.isInteger(id) || id <= NOBODY || id > MAX_NODE_ID);
  if (invalid !== undefined) return `member id ${invalid} is not an integer from 1 to ${MAX_NODE_ID}`;
  const double = ids.find((id, at) => ids.indexOf(id) !== at);
  return double === undefined ? undefined : `member ${double} is named twice`;
}

function changed(current: Configuration, changes: readonly MemberChange[]): Configuration {
  const voters = new Set(current.voters);
  const learners = new Set(current.learners);
  for (const { kind, id } of changes) {
    voters.delete(id);
    learners.delete(id);
    if (kind === 'add-voter') voters.add(id);
    else if (kind === 'add-learner') learners.add(id);
  }
  return { voters: sorted(voters), outgoing: [], learners: sorted(learners) };
}

function votersThatDiffer(a: Configuration, b: Configuration): number {
  const added = b.voters.filter((id) => !a.voters.includes(id)).length;
  return added + a.voters.filter((id) => !b.voters.includes(id)).length;
}

function sameIds(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((id, at) => id === b[at]);
}
