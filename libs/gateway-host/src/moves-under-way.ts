/** The moves that the table tells of, with what their sources' heartbeats say of them. */
import { type Heartbeat, NO_NODE, type RoutingTable } from '#libs/cluster';
import type { MoveView } from '#libs/commands';
import type { Clock } from '#libs/ports';

interface Move {
  readonly partition: number;
  readonly source: string;
  readonly target: string;
  readonly replaces: string;
  /** When this gateway first heard of it. */
  readonly sinceMs: number;
  bytesCopied: number;
}

export class MovesUnderWay {
  /** By move id; as many as the table has. */
  private moves = new Map<number, Move>();

  constructor(private readonly clock: Clock) {}

  follow(routing: RoutingTable): void {
    const { nodes, partitionCount, primaryOf, movingTo, table } = routing;
    const next = new Map<number, Move>();
    for (let partition = 0; partition < partitionCount; partition++) {
      if (movingTo[partition] === NO_NODE) continue;
      const moveId = routing.moveIdOf(partition);
      const source = nodes[primaryOf[partition]].nodeId;
      const target = nodes[movingTo[partition]].nodeId;
      const { movingFrom } = table.partitions[partition];
      const replaces = movingFrom === NO_NODE ? '' : nodes[movingFrom].nodeId;
      const known = this.moves.get(moveId);
      next.set(moveId, known ?? { partition, source, target, replaces, sinceMs: this.clock.wallMs(), bytesCopied: 0 });
    }
    this.moves = next;
  }

  heard({ nodeId, moves }: Heartbeat): void {
    if (moves.length === 0 || this.moves.size === 0) return;
    const bytes = new Map(moves.map(({ partition, bytesCopied }) => [partition, bytesCopied]));
    for (const move of this.moves.values()) {
      if (move.source === nodeId) move.bytesCopied = bytes.get(move.partition) ?? move.bytesCopied;
    }
  }

  /** Ordered by partition. */
  all(): readonly MoveView[] {
    return [...this.moves.values()]
      .toSorted((a, b) => a.partition - b.partition)
      .map((move) => ({
        ...move,
        sinceMs: Math.floor(move.sinceMs),
        state: move.bytesCopied === 0 ? 'starting' : 'copying',
      }));
  }
}
