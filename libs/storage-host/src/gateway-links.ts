import type { Bus, Rng } from '#libs/ports';
import { GatewayLink } from './gateway-link.js';

/** Gateways that this node remembers at once; beyond, the one unheard for longest is forgotten. */
const MAX_LINKS = 1024;

/**
 * Finds the link of a message by the subject that it wants answers on: `<prefix>.re.<gateway>.<node>.<frame>`. All but the
 * last token names the link.
 */
export class GatewayLinks {
  private readonly links = new Map<string, GatewayLink>();
  private lastReplyTo = '';
  private lastLink: GatewayLink | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly rng: Rng,
    private readonly maxFrameBytes: number,
    private readonly operationsSubject: string,
  ) {}

  of(replyTo: string, nowMs: number): GatewayLink {
    const link = replyTo === this.lastReplyTo ? this.lastLink : undefined;
    if (link !== undefined) {
      link.lastSeenMs = nowMs;
      return link;
    }
    return this.find(replyTo, nowMs);
  }

  private find(replyTo: string, nowMs: number): GatewayLink {
    const name = replyTo.slice(0, replyTo.lastIndexOf('.'));
    const link = this.links.get(name) ?? this.open(name);
    link.lastSeenMs = nowMs;
    this.lastReplyTo = replyTo;
    this.lastLink = link;
    return link;
  }

  all(): Iterable<GatewayLink> {
    return this.links.values();
  }

  get size(): number {
    return this.links.size;
  }

  private open(name: string): GatewayLink {
    if (this.links.size >= MAX_LINKS) this.forgetOldest();
    const subject = `${name}.r`;
    const options = { replyTo: this.operationsSubject };
    const link = new GatewayLink(subject, this.rng.nextU32(), this.maxFrameBytes, (frame) =>
      this.bus.publish(subject, frame, options),
    );
    this.links.set(name, link);
    return link;
  }

  private forgetOldest(): void {
    let oldestName = '';
    let oldestMs = Infinity;
    for (const [name, link] of this.links) {
      if (link.lastSeenMs >= oldestMs) continue;
      oldestMs = link.lastSeenMs;
      oldestName = name;
    }
    this.links.delete(oldestName);
  }
}
