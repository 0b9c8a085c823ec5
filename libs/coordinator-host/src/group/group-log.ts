/** The log's files of a coordinator: begun once, read at every start. */
import type { Disk } from '#libs/ports';
import type { Configuration, StoredLog } from '#libs/raft';
import { RaftLogFiles } from '#libs/raft-log';
import { CoordinatorFilesError, IDENTITY_PATH, RAFT_FOLDER } from './identity-file.js';

/** Answers the files, open, and what they hold; an error where there is nothing although there should be. */
export function openLog(
  disk: Disk,
  done: (error: Error | undefined, files?: RaftLogFiles, log?: StoredLog) => void,
): void {
  const files = new RaftLogFiles(disk, RAFT_FOLDER);
  files.load((error, log) => {
    if (error !== undefined) return done(error);
    if (log === undefined) {
      const advice = 'Remove that file too, forget this coordinator (CLUSTER FORGET) and start it again';
      return done(
        new CoordinatorFilesError(`${RAFT_FOLDER} is empty although ${IDENTITY_PATH} says it is not. ${advice}`),
      );
    }
    done(undefined, files, log);
  });
}

/**
 * Writes the first files. What an attempt that was cut short has left is replaced: nobody has heard of it. A log that
 * says more than a first one is another's, whose identity is missing.
 */
export function createLog(disk: Disk, configuration: Configuration, done: (error: Error | undefined) => void): void {
  const files = new RaftLogFiles(disk, RAFT_FOLDER);
  files.load((error, log) => {
    if (error !== undefined) return done(error);
    if (log !== undefined && !isFirst(log)) {
      const advice = 'Restore that file, or empty the folder "coordinator", forget this coordinator and start it again';
      return done(new CoordinatorFilesError(`${RAFT_FOLDER} has a log, and ${IDENTITY_PATH} is missing. ${advice}`));
    }
    files.create(configuration, (createError) => {
      if (createError !== undefined) return done(createError);
      files.close((closeError) => done(closeError));
    });
  });
}

function isFirst({ hardState, snapshot, entries }: StoredLog): boolean {
  return hardState.term === 0 && snapshot.index === 0 && entries.length === 0;
}
