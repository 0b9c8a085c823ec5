/**
 * Carries out what the monitor of the members finds (libs/membership): suspected members are pinged and probed through
 * peers, and what follows is decided like any other change of the cluster.
 */
import { PROBES, type ClusterCommand, type ClusterTable, type NodeStatus, type TableNode } from '#libs/cluster';
import type { Prober } from '#libs/cluster-member';
import type { JudgedMember, Judgement, MemberMonitor, ProbeRound } from '#libs/membership';
import type { MemberJudge } from './admission.js';
import type { LimitedLog } from './limited-log.js';
import type { MemberRegistry } from './member-registry.js';
import type { CoordinatorOptions } from './options.js';

const STANDINGS: Readonly<Record<NodeStatus, JudgedMember['standing']>> = {
  up: 'up',
  draining: 'up',
  joining: 'up',
  suspect: 'suspect',
  down: 'down',
  left: 'left',
};

/** Peers have this many probe timeouts to answer: one is the target's, the rest is for the ways. */
const TIMEOUTS_PER_PEER = 2;

export interface FailureWatchParts {
  readonly options: Pick<CoordinatorOptions, 'nodeId' | 'failureDetector' | 'suspectAfterMs'>;
  readonly monitor: MemberMonitor;
  readonly registry: MemberRegistry;
  readonly prober: Prober;
  readonly log: LimitedLog;
  /** Decides; answers whether it was accepted. */
  apply(command: ClusterCommand): { readonly ok: boolean };
}

export class FailureWatch implements MemberJudge {
  /** Since when most storage nodes have been heard without a break. */
  private majoritySinceMs = Infinity;

  constructor(private readonly parts: FailureWatchParts) {}

  /** To be called several times per heartbeat interval, while the bus is there. */
  judge(table: ClusterTable, nowMs: number): void {
    const { monitor } = this.parts;
    const members = this.judgedMembers(table);
    this.majoritySinceMs = monitor.hearsMajority(members, nowMs) ? Math.min(this.majoritySinceMs, nowMs) : Infinity;
    const promotes = this.mayPromote(table, nowMs);
    for (const judgement of monitor.judge(members, nowMs)) this.carryOut(judgement, promotes, nowMs);
  }

  mayPromote(table: ClusterTable, nowMs: number): boolean {
    const { monitor, options } = this.parts;
    const isSteady = nowMs - this.majoritySinceMs >= options.suspectAfterMs;
    return isSteady && monitor.hearsMajority(this.judgedMembers(table), nowMs);
  }

  isHeld(nodeId: string, nowMs: number): boolean {
    return this.parts.monitor.heldMs(nodeId, nowMs) > 0;
  }

  replaced(nodeId: string, nowMs: number): void {
    this.parts.monitor.flapped(nodeId, 'restarted', nowMs);
  }

  /** Everybody but this coordinator, which does not judge itself. */
  private judgedMembers(table: ClusterTable): JudgedMember[] {
    return table.nodes.filter(({ nodeId }) => nodeId !== this.parts.options.nodeId).map((node) => this.judged(node));
  }

  private judged(node: TableNode): JudgedMember {
    const { nodeId, incarnation, role, status } = node;
    const capabilities = this.parts.registry.current(node)?.capabilities ?? [];
    return {
      nodeId,
      incarnation,
      isStorageNode: role === 'storage-node',
      canProbe: role !== 'gateway' && capabilities.includes(PROBES),
      standing: STANDINGS[status],
    };
  }

  private carryOut(judgement: Judgement, promotes: boolean, nowMs: number): void {
    if (judgement.type === 'probe') return this.probe(judgement.round);
    const { monitor, log, apply } = this.parts;
    const { nodeId, silentMs } = judgement;
    const isDown = judgement.type === 'down';
    if (!apply(isDown ? { type: 'DeclareDown', nodeId, promotes } : { type: 'Suspect', nodeId }).ok) return;
    monitor.flapped(nodeId, isDown ? 'down' : 'suspected', nowMs);
    const silence = { silentMs: Math.round(silentMs) };
    if (judgement.type === 'down') {
      const { confirmedByPeers } = judgement;
      log.log('WARN', 'MEMBERSHIP', 'a member is down', { nodeId, details: { ...silence, confirmedByPeers } });
    } else {
      const phi = Number(judgement.phi.toFixed(1));
      log.log('WARN', 'MEMBERSHIP', 'a member is suspected', { nodeId, details: { ...silence, phi } });
    }
  }

  private probe(round: ProbeRound): void {
    const { prober, options } = this.parts;
    const timeoutMs = options.failureDetector.probeTimeoutMs;
    const { target, incarnation, peers } = round;
    const probe = { target, incarnation, timeoutMs };
    prober.ping(probe, (heard) => round.pinged(heard));
    for (const peer of peers) {
      prober.probe(peer, probe, TIMEOUTS_PER_PEER * timeoutMs, (reply) => {
        if (reply !== undefined) round.answered(peer, reply.heard);
      });
    }
  }
}
