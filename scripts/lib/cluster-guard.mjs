// Loaded into every service that the cluster script starts, before the service itself: when the script is killed, nobody is
// left to stop them, so each then stops itself as a SIGTERM would have it.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
