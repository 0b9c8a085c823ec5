/** Whether the service can do its work, and why not: what /readyz answers. */
export class ServiceHealth {
  private readonly checks: (() => string | undefined)[] = [];
  private readonly notices: (() => readonly string[])[] = [];
  private stopping = false;

  /** `check` answers the reason why its part is not ready, or undefined. */
  addCheck(check: () => string | undefined): void {
    this.checks.push(check);
  }

  /** `notice` answers what limits its part although it works, such as memory that runs short. */
  addNotice(notice: () => readonly string[]): void {
    this.notices.push(notice);
  }

  /** From now on the service is not ready, so that load balancers turn away before its listeners close. */
  beginShutdown(): void {
    this.stopping = true;
  }

  reasons(): readonly string[] {
    if (this.stopping) return ['the service is shutting down'];
    return this.checks.map((check) => check()).filter((reason) => reason !== undefined);
  }

  /** What limits a service that is ready. */
  limitations(): readonly string[] {
    return this.notices.flatMap((notice) => notice());
  }

  get ready(): boolean {
    return this.reasons().length === 0;
  }
}
