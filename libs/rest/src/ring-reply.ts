/** How evenly the partitions lie, as REST shows it. */
import type { RingReport } from '#libs/ring';

export interface RingReply {
  readonly table_version: number;
  readonly partitions: number;
  readonly copies: number;
  readonly unowned: number;
  readonly load_factor: number;
  readonly standard_deviation: number;
  readonly max_deviation: number;
  readonly moves: { readonly active: number; readonly pending: number };
  readonly nodes: readonly RingNodeReply[];
}

interface RingNodeReply {
  readonly id: string;
  readonly zone: string;
  readonly weight: number;
  readonly state: string;
  readonly partitions: number;
  readonly primaries: number;
  readonly share: number;
  readonly deviation: number;
  readonly moves_pending: number;
}

export function ringReply(report: RingReport): RingReply {
  const { tableVersion, partitions, copies, unowned, movesActive, movesPending } = report;
  return {
    table_version: tableVersion,
    partitions,
    copies,
    unowned,
    load_factor: report.loadFactor,
    standard_deviation: report.standardDeviation,
    max_deviation: report.maxDeviation,
    moves: { active: movesActive, pending: movesPending },
    nodes: report.nodes.map(({ movesPending: pending, ...node }) => ({ ...node, moves_pending: pending })),
  };
}
