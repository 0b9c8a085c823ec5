/**
 * The order of start and stop. Nest's hooks run by the distance between modules, which says nothing about what must
 * happen first; here each part names the phase that it belongs to, and phases run one after the other.
 */
import type { Logger } from '#libs/ports';

/**
 * What was kept is read before anybody expects to hear of this process; hosts subscribe before the first client can
 * connect.
 */
export const START_PHASES = ['recover', 'start-hosts', 'open-listeners'] as const;
export type StartPhase = (typeof START_PHASES)[number];

/**
 * Listeners close, replies under way are sent, gateways finish, storage nodes leave while the coordinator still runs,
 * and the connections go last.
 */
export const STOP_PHASES = [
  'close-listeners',
  'stop-gateway',
  'stop-storage',
  'stop-coordinator',
  'flush',
  'disconnect',
] as const;
export type StopPhase = (typeof STOP_PHASES)[number];

type Step<Phase> = { readonly phase: Phase; readonly name: string; readonly run: () => Promise<void> };

export class ServiceLifecycle {
  private readonly starts: Step<StartPhase>[] = [];
  private readonly stops: Step<StopPhase>[] = [];
  private current: string | undefined;

  constructor(private readonly logger: Logger) {}

  onStart(phase: StartPhase, name: string, run: () => Promise<void>): void {
    this.starts.push({ phase, name, run });
  }

  onStop(phase: StopPhase, name: string, run: () => Promise<void>): void {
    this.stops.push({ phase, name, run });
  }

  /** The step that is running, for the message when time runs out. */
  get currentStep(): string | undefined {
    return this.current;
  }

  /** Fails with the first step that does. */
  async start(): Promise<void> {
    for (const phase of START_PHASES) {
      for (const step of this.starts) if (step.phase === phase) await this.run(step);
    }
  }

  /** Steps of one phase run side by side. One that fails is logged, and the others go on. */
  async stop(): Promise<void> {
    for (const phase of STOP_PHASES) {
      const steps = this.stops.filter((step) => step.phase === phase);
      await Promise.all(steps.map((step) => this.runSafely(step)));
    }
  }

  private async runSafely(step: Step<StopPhase>): Promise<void> {
    try {
      await this.run(step);
    } catch (error) {
      this.logger.log('ERROR', 'LIFECYCLE', `${step.name} did not stop as it should`, { error });
    }
  }

  private async run(step: Step<string>): Promise<void> {
    this.current = step.name;
    this.logger.log('DEBUG', 'LIFECYCLE', `${step.phase}: ${step.name}`);
    await step.run();
  }
}
