import type { StorageCommand } from '#libs/commands';
import { CommandRunner, type CommandRunnerParts } from './command-runner.js';
import type { GatewaySession } from './gateway-session.js';
import type { NearFilters } from './near-filters.js';

/**
 * A runner that asks copies of filters before it sends a command out. It takes the place of the plain one while a store
 * permits copies; while none does, commands pay nothing for them.
 */
export class NearCommandRunner extends CommandRunner {
  constructor(
    parts: CommandRunnerParts,
    private readonly near: NearFilters,
  ) {
    super(parts);
  }

  protected override sendOut(session: GatewaySession, command: StorageCommand, turnMs: number): void {
    const reply = this.near.meet(session, command);
    if (reply === undefined) return super.sendOut(session, command, turnMs);
    const isHeard = session.replyMode === 'on';
    if (session.replyMode === 'skip') session.replyMode = 'on';
    if (isHeard) session.onReply(session.takePosition(), reply, 0, reply.length);
  }
}
