/** What a run needs that is no part of the repository; asked before anything starts, so that no fault is left out in silence. */
import { findNatsServer } from './cluster/cluster-scripts.js';
import { type FaultKind, PRIVILEGED_KINDS } from './nemesis/fault.js';
import { namespaceObstacle } from './world/own-namespaces.js';

/** One line for each thing that is missing, with what to do about it. */
export function missingFor(faults: readonly FaultKind[], env: NodeJS.ProcessEnv): string[] {
  const missing: string[] = [];
  try {
    findNatsServer(env);
  } catch (error) {
    missing.push((error as Error).message);
  }
  const privileged = faults.filter((kind) => PRIVILEGED_KINDS.includes(kind));
  const obstacle = privileged.length === 0 ? undefined : namespaceObstacle();
  if (obstacle !== undefined)
    missing.push(`--faults ${privileged.join()}: ${obstacle}. Without --faults everything else runs.`);
  return missing;
}
