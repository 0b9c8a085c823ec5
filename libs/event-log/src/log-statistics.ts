/** What a log has done since it was opened: plain numbers for metrics. */
export class LogStatistics {
  batches = 0;
  /** Of events, without headers. */
  recordBytes = 0;
  writes = 0;
  writtenBytes = 0;
  syncs = 0;
  rotations = 0;
  failures = 0;
  /** Batches that were refused because too much was waiting. */
  refusedBatches = 0;
  checkpoints = 0;
  failedCheckpoints = 0;
}
