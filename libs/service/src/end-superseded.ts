/** A later process has taken this one's node id, on purpose or by mistake: two must not be one node. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** Ends this process as a defect would: with a log line that says why, and exit code 1. */
export function endSuperseded(nodeId: string): void {
  setImmediate(() => {
    throw new SupersededError(
      `another process has taken the node id "${nodeId}": this one ends; give each process its own cluster.node_id and persistence.data_dir`,
    );
  });
}
