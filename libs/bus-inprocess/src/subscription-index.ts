import type { BusMessage, BusTraffic } from '#libs/ports';
import { hasWildcard, matchesTokens } from './subject.js';

/** One client's interest in a subject or pattern. */
export interface Subscriber {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly handler: (message: BusMessage) => void;
  readonly traffic: BusTraffic;
  /** False once unsubscribed: a route that was found before must not reach it any more. */
  active: boolean;
}

/** One queue group: members take turns. */
export interface QueueGroup {
  readonly name: string;
  readonly members: Subscriber[];
  next: number;
}

/** Everyone whom a subject reaches: each of `plain`, and one member of each group. */
export interface Route {
  readonly plain: readonly Subscriber[];
  readonly groups: readonly QueueGroup[];
  /** The index's version that it was found in. */
  readonly version: number;
}

/** Distinct subjects whose routes are remembered; beyond it the memory starts afresh. */
const MAX_CACHED_ROUTES = 16_384;

interface WildcardSubscriber {
  readonly tokens: readonly string[];
  readonly subscriber: Subscriber;
}

/**
 * Finds the subscribers of a subject. Exact subjects are looked up, the patterns with wildcards (few in every
 * host) are compared one after the other, and the result is remembered until any subscription changes.
 */
export class SubscriptionIndex {
  private readonly exact = new Map<string, Subscriber[]>();
  private wildcards: WildcardSubscriber[] = [];
  private readonly routes = new Map<string, Route>();
  private currentVersion = 0;

  get version(): number {
    return this.currentVersion;
  }

  add(subscriber: Subscriber): void {
    if (hasWildcard(subscriber.subject)) {
      this.wildcards.push({ tokens: subscriber.subject.split('.'), subscriber });
    } else {
      const same = this.exact.get(subscriber.subject);
      if (same === undefined) this.exact.set(subscriber.subject, [subscriber]);
      else same.push(subscriber);
    }
    this.changed();
  }

  remove(subscriber: Subscriber): void {
    const same = this.exact.get(subscriber.subject);
    if (same !== undefined) {
      const others = same.filter((other) => other !== subscriber);
      if (others.length === 0) this.exact.delete(subscriber.subject);
      else this.exact.set(subscriber.subject, others);
    } else {
      this.wildcards = this.wildcards.filter((entry) => entry.subscriber !== subscriber);
    }
    this.changed();
  }

  /** The route if it is remembered: one look-up, for the hot path. */
  cachedRoute(subject: string): Route | undefined {
    return this.routes.get(subject);
  }

  /** The route, found and remembered where necessary. */
  route(subject: string): Route {
    const known = this.routes.get(subject);
    if (known !== undefined) return known;
    const route = this.find(subject);
    if (this.routes.size >= MAX_CACHED_ROUTES) this.routes.clear();
    this.routes.set(subject, route);
    return route;
  }

  private find(subject: string): Route {
    const plain: Subscriber[] = [];
    const groups: QueueGroup[] = [];
    for (const subscriber of this.exact.get(subject) ?? []) addTo(plain, groups, subscriber);
    if (this.wildcards.length > 0) {
      const tokens = subject.split('.');
      for (const entry of this.wildcards) {
        if (matchesTokens(entry.tokens, tokens)) addTo(plain, groups, entry.subscriber);
      }
    }
    return { plain, groups, version: this.currentVersion };
  }

  private changed(): void {
    this.currentVersion++;
    this.routes.clear();
  }
}

/** Groups of one name are one group, whatever the patterns of their members, as in nats-server. */
function addTo(plain: Subscriber[], groups: QueueGroup[], subscriber: Subscriber): void {
  if (subscriber.queue === undefined) {
    plain.push(subscriber);
    return;
  }
  const group = groups.find((other) => other.name === subscriber.queue);
  if (group === undefined) groups.push({ name: subscriber.queue, members: [subscriber], next: 0 });
  else group.members.push(subscriber);
}
