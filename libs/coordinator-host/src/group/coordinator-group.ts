/**
 * A coordinator's way into a Raft group, and the group's way through changes of its members. A coordinator without a
 * group is blank. The first of the configured list founds a group of one, once it has heard that all others of the
 * list are blank and configured alike; whoever leads takes in the other blank ones, as learners first, then as voters.
 */
import {
  configurationOf,
  decodeMessage,
  isVoter,
  MemoryLogStorage,
  NO_MEMBERS,
  NOBODY,
  type Configuration,
} from '#libs/raft';
import { DecodeError, hexText } from '#libs/kernel';
import type { BusSubscription, Rng } from '#libs/ports';
import type { Subjects } from '#libs/wire';
import { RaftMember, type RaftMemberListener, type RaftMemberPorts, type StateMachine } from '../raft/raft-member.js';
import type { RaftTiming } from '../raft/raft-timing.js';
import { createLog, openLog } from './group-log.js';
import {
  CoordinatorFilesError,
  IDENTITY_PATH,
  loadIdentity,
  saveIdentity,
  type CoordinatorIdentityRecord,
} from './identity-file.js';

const GROUP_ID_BYTES = 16;

export interface CoordinatorGroupOptions {
  readonly cluster: string;
  readonly timing: RaftTiming;
}

export interface CoordinatorGroupListener extends RaftMemberListener {
  /** This coordinator has a group from now on. */
  onMember(member: RaftMember): void;
}

type Done = (error?: Error) => void;

export class CoordinatorGroup {
  private identity: CoordinatorIdentityRecord | undefined;
  private running: RaftMember | undefined;
  private invitation: BusSubscription | undefined;
  private isEntering = false;
  private isStopped = false;

  constructor(
    private readonly ports: RaftMemberPorts,
    private readonly subjects: Subjects,
    private readonly options: CoordinatorGroupOptions,
    private readonly machine: StateMachine,
    private readonly listener: CoordinatorGroupListener,
  ) {}

  get member(): RaftMember | undefined {
    return this.running;
  }

  /** 0 until it has been read. */
  get raftId(): number {
    return this.identity?.raftId ?? NOBODY;
  }

  /** Empty while this coordinator is blank. */
  get groupId(): string {
    return this.identity?.groupId ?? '';
  }

  get isBlank(): boolean {
    return this.identity !== undefined && this.identity.groupId === '' && !this.isEntering;
  }

  /** Itself or another. */
  get knowsLeader(): boolean {
    return this.running !== undefined && this.running.failed === undefined && this.running.status.leader !== NOBODY;
  }

  /** Nobody leads as far as this coordinator knows, which has a say in who does. */
  get isLeaderless(): boolean {
    const { running } = this;
    if (running === undefined || running.failed !== undefined) return false;
    const { leader, configuration } = running.status;
    return leader === NOBODY && isVoter(configuration, this.raftId);
  }

  /** Reads who this coordinator is, and draws an id at its first start; an error means that it must not run. */
  load(done: Done): void {
    const { disk, rng } = this.ports;
    loadIdentity(disk, (error, identity) => {
      if (error !== undefined) return done(error);
      if (identity === undefined) {
        const fresh = { raftId: drawRaftId(rng), cluster: this.options.cluster, groupId: '' };
        return saveIdentity(disk, fresh, (saveError) => {
          if (saveError !== undefined) return done(saveError);
          this.awaitInvitation(fresh);
          done();
        });
      }
      if (identity.cluster !== this.options.cluster) {
        const message = `${IDENTITY_PATH} is of the cluster "${identity.cluster}", not of "${this.options.cluster}"`;
        return done(new CoordinatorFilesError(message));
      }
      if (identity.groupId !== '') return this.run(identity, done);
      this.awaitInvitation(identity);
      done();
    });
  }

  /** Makes a group whose only member this is. */
  found(done: Done): void {
    const bytes = new Uint8Array(GROUP_ID_BYTES);
    this.ports.rng.fill(bytes);
    this.enter(hexText(bytes), configurationOf([this.raftId]), done);
  }

  stop(onStopped: () => void): void {
    this.isStopped = true;
    this.invitation?.unsubscribe();
    if (this.running === undefined) onStopped();
    else this.running.stop(onStopped);
  }

  /** A leader that sends its log to an id that was drawn here has taken this coordinator in. */
  private awaitInvitation(identity: CoordinatorIdentityRecord): void {
    this.identity = identity;
    if (this.isStopped) return;
    this.invitation = this.ports.bus.subscribe(this.subjects.raft(identity.raftId), ({ payload }) => {
      const groupId = this.isBlank ? inviterOf(payload, identity.raftId) : undefined;
      if (groupId === undefined) return;
      this.enter(groupId, NO_MEMBERS, (error) => error === undefined || this.listener.onFailed(error));
    });
  }

  private enter(groupId: string, configuration: Configuration, done: Done): void {
    const { disk } = this.ports;
    if (this.identity === undefined || !this.isBlank) return done();
    this.isEntering = true;
    const entered = { ...this.identity, groupId };
    createLog(disk, configuration, (error) => {
      if (error !== undefined) return done(error);
      saveIdentity(disk, entered, (saveError) => {
        if (saveError !== undefined) return done(saveError);
        this.identity = entered;
        this.isEntering = false;
        this.run(entered, done);
      });
    });
  }

  private run(identity: CoordinatorIdentityRecord, done: Done): void {
    const { ports, options, subjects, machine, listener } = this;
    openLog(ports.disk, (error, files, log) => {
      if (error !== undefined || files === undefined || log === undefined) return done(error);
      if (this.isStopped) return files.close(() => done());
      this.invitation?.unsubscribe();
      this.identity = identity;
      try {
        this.running = new RaftMember(ports, {
          id: identity.raftId,
          groupId: identity.groupId,
          storage: MemoryLogStorage.from(log),
          files,
          machine,
          listener,
          timing: options.timing,
          subjectOf: (id) => subjects.raft(id),
        });
      } catch (damage) {
        if (!(damage instanceof DecodeError)) throw damage;
        return done(new CoordinatorFilesError(`the snapshot does not read: ${damage.message}`, { cause: damage }));
      }
      listener.onMember(this.running);
      this.running.start();
      done();
    });
  }
}

/** The group whose leader the message is from; undefined for every other message. */
function inviterOf(payload: Uint8Array, raftId: number): string | undefined {
  try {
    const { clusterId, message } = decodeMessage(payload);
    const isLeaders = message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot';
    return isLeaders && message.to === raftId ? clusterId : undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

function drawRaftId(rng: Rng): number {
  for (;;) {
    const id = rng.nextU32();
    if (id !== NOBODY) return id;
  }
}
