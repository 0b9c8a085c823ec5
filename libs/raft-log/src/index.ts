export { RAFT_LOG_BOUNDS } from './bounds.js';
export { RaftLogError, type RaftLogErrorCode } from './raft-log-error.js';
export { RaftLogFiles, type RaftLogCallback } from './raft-log-files.js';
