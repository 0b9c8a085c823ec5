/**
 * Who votes and who only listens. While two configurations are joint, `outgoing` holds the voters of the old one, and
 * every decision needs a majority of both (thesis §4.3). A learner gets the log and has no vote (§4.2.1); one that is
 * in `outgoing` too votes until the joint configuration is left.
 */
import { ByteReader, ByteWriter, DecodeError } from '#libs/kernel';
import { RAFT_BOUNDS } from './bounds.js';

/** 1 to 2^32 - 1; never used again once its member has been removed. */
export type NodeId = number;
/** In the place of a leader or a vote: none. */
export const NOBODY: NodeId = 0;
export const MAX_NODE_ID = 0xffffffff;

export interface Configuration {
  /** Ascending, as are the others. */
  readonly voters: readonly NodeId[];
  readonly outgoing: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

export const NO_MEMBERS: Configuration = { voters: [], outgoing: [], learners: [] };
export const CONFIGURATION_VERSION = 1;

export function configurationOf(voters: readonly NodeId[], learners: readonly NodeId[] = []): Configuration {
  return { voters: sorted(voters), outgoing: [], learners: sorted(learners) };
}

export function isJoint(configuration: Configuration): boolean {
  return configuration.outgoing.length > 0;
}

export function isVoter({ voters, outgoing }: Configuration, id: NodeId): boolean {
  return voters.includes(id) || outgoing.includes(id);
}

/** Everybody who gets the log, ascending. */
export function membersOf({ voters, outgoing, learners }: Configuration): readonly NodeId[] {
  return sorted(new Set([...voters, ...outgoing, ...learners]));
}

export function sorted(ids: Iterable<NodeId>): readonly NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

/** Three lists, each a count (u8) and ids (u32). */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const writer = new ByteWriter();
  writeConfiguration(writer, configuration);
  return writer.toBytes();
}

export function writeConfiguration(writer: ByteWriter, { voters, outgoing, learners }: Configuration): void {
  for (const ids of [voters, outgoing, learners]) {
    writer.u8(ids.length);
    for (const id of ids) writer.u32(id);
  }
}

/** Throws DecodeError, also for bytes that follow. */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const reader = new ByteReader(bytes);
  const configuration = readConfiguration(reader);
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes after a configuration`);
  return configuration;
}

export function readConfiguration(reader: ByteReader): Configuration {
  const voters = readIds(reader);
  const outgoing = readIds(reader);
  const learners = readIds(reader);
  const twice = learners.find((id) => voters.includes(id));
  if (twice !== undefined) throw new DecodeError(`member ${twice} is a voter and a learner`);
  if (voters.length === 0 && outgoing.length + learners.length > 0) {
    throw new DecodeError('configuration without voters');
  }
  return { voters, outgoing, learners };
}

function readIds(reader: ByteReader): readonly NodeId[] {
  const count = reader.u8();
  if (count > RAFT_BOUNDS.maxMembers) {
    throw new DecodeError(`${count} members, at most ${RAFT_BOUNDS.maxMembers} are allowed`);
  }
  const ids: NodeId[] = [];
  for (let i = 0; i < count; i++) {
    const id = reader.u32();
    if (id <= (ids[i - 1] ?? NOBODY)) throw new DecodeError(`member id ${id} is zero, double or out of order`);
    ids.push(id);
  }
  return ids;
}
