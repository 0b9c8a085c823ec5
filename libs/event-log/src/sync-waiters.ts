import { assert } from '#libs/kernel';
import type { DiskError } from '#libs/ports';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import type { EventLogError } from './event-log-error.js';
import type { Ticket } from './log-listener.js';

export type SyncedCallback = (error: DiskError | EventLogError | undefined) => void;

/** Who waits until all up to a ticket is synced. */
export class SyncWaiters {
  private waiting: { readonly ticket: Ticket; readonly done: SyncedCallback }[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(ticket: Ticket, done: SyncedCallback): void {
    assert(this.waiting.length < EVENT_LOG_BOUNDS.maxSyncWaiters, 'too many wait for a sync');
    this.waiting.push({ ticket, done });
  }

  answer(syncedTicket: Ticket): void {
    if (this.waiting.length === 0) return;
    const ready = this.waiting.filter(({ ticket }) => ticket <= syncedTicket);
    this.waiting = this.waiting.filter(({ ticket }) => ticket > syncedTicket);
    for (const { done } of ready) done(undefined);
  }

  fail(error: DiskError | EventLogError): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { done } of waiting) done(error);
  }
}
