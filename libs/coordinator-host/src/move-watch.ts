/** Watches the moves under way: each must make progress, as its source's heartbeats tell, or it is aborted. */
import { NO_NODE, type ClusterTable, type Heartbeat } from '#libs/cluster';

interface WatchedMove {
  readonly partition: number;
  readonly source: string;
  bytesCopied: number;
  progressAtMs: number;
}

export class MoveWatch {
  /** By move id. */
  private readonly moves = new Map<number, WatchedMove>();

  constructor(private readonly timeoutMs: number) {}

  get count(): number {
    return this.moves.size;
  }

  /** Begins to watch the table's new moves, and no longer watches those that have ended. */
  follow(table: ClusterTable, nowMs: number): void {
    const current = new Set<number>();
    table.partitions.forEach(({ primary, movingTo, moveId }, partition) => {
      if (movingTo === NO_NODE) return;
      current.add(moveId);
      if (this.moves.has(moveId)) return;
      const source = table.nodes[primary].nodeId;
      this.moves.set(moveId, { partition, source, bytesCopied: 0, progressAtMs: nowMs });
    });
    for (const moveId of this.moves.keys()) if (!current.has(moveId)) this.moves.delete(moveId);
  }

  heard(heartbeat: Heartbeat, nowMs: number): void {
    for (const { partition, bytesCopied } of heartbeat.moves) {
      for (const move of this.moves.values()) {
        if (move.partition !== partition || move.source !== heartbeat.nodeId) continue;
        if (bytesCopied > move.bytesCopied) {
          move.bytesCopied = bytesCopied;
          move.progressAtMs = nowMs;
        }
      }
    }
  }

  /** Moves without progress for too long. */
  overdue(nowMs: number): readonly { readonly partition: number; readonly moveId: number }[] {
    const late: { partition: number; moveId: number }[] = [];
    for (const [moveId, { partition, progressAtMs }] of this.moves) {
      if (nowMs - progressAtMs >= this.timeoutMs) late.push({ partition, moveId });
    }
    return late;
  }
}
