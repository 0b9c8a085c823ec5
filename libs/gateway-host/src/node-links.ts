import type { RoutingTable } from '#libs/cluster';
import type { Bus, Rng } from '#libs/ports';
import { FrameSlab, type Subjects } from '#libs/wire';
import { type InFlightFrame, NodeLink } from './node-link.js';

/** The gateway's links to storage nodes: kept by node id over all tables, found by a table's node index. */
export class NodeLinks {
  /** Bytes sent and not yet answered, over all links. */
  inFlightBytes = 0;
  private readonly byId = new Map<string, NodeLink>();
  private byIndex: (NodeLink | undefined)[] = [];
  private readonly dirty: NodeLink[] = [];
  private readonly slab = new FrameSlab();
  private readonly repliesPrefix: string;

  constructor(
    private readonly bus: Bus,
    private readonly rng: Rng,
    private readonly subjects: Subjects,
    private readonly gatewayId: string,
  ) {
    this.repliesPrefix = subjects.replies(gatewayId, '');
  }

  onTable(routing: RoutingTable): void {
    this.byIndex = routing.nodes.map((node) => (node.role === 'storage-node' ? this.linkTo(node.nodeId) : undefined));
    for (const id of this.byId.keys()) if (routing.nodeIndexOf(id) < 0) this.byId.delete(id);
  }

  /** The link to a node of the current table. */
  at(nodeIndex: number): NodeLink | undefined {
    return this.byIndex[nodeIndex];
  }

  /** Links that share the credit; at least one. */
  get count(): number {
    return Math.max(1, this.byId.size);
  }

  all(): Iterable<NodeLink> {
    return this.byId.values();
  }

  /** The link that a reply subject names, and its last token: the frame's number for a "no responders" notice. */
  ofSubject(subject: string): { readonly link: NodeLink | undefined; readonly token: string } {
    const dot = subject.indexOf('.', this.repliesPrefix.length);
    return { link: this.byId.get(subject.slice(this.repliesPrefix.length, dot)), token: subject.slice(dot + 1) };
  }

  /** Notes that the link has operations to send; true for the first of a turn. */
  markDirty(link: NodeLink): boolean {
    if (link.isDirty) return false;
    link.isDirty = true;
    this.dirty.push(link);
    return true;
  }

  /** Takes the links that have something to send. */
  takeDirty(): readonly NodeLink[] {
    const taken = this.dirty.splice(0);
    for (const link of taken) link.isDirty = false;
    return taken;
  }

  /** Sends a link's frame; answers it where the bus refused it: then nothing of it was executed. */
  flush(link: NodeLink, tableVersion: number): InFlightFrame | undefined {
    const before = link.inFlightBytes;
    const refused = link.flush(tableVersion);
    this.inFlightBytes += link.inFlightBytes - before;
    return refused;
  }

  /** One operation of a frame has been answered or given up. */
  settle(frame: InFlightFrame): void {
    const before = frame.link.inFlightBytes;
    frame.link.settle(frame);
    this.inFlightBytes += frame.link.inFlightBytes - before;
  }

  private linkTo(nodeId: string): NodeLink {
    const known = this.byId.get(nodeId);
    if (known !== undefined) return known;
    const { maxPayloadBytes } = this.bus;
    const subject = this.subjects.operations(nodeId);
    const prefix = this.subjects.replies(this.gatewayId, `${nodeId}.`);
    const link = new NodeLink(nodeId, this.rng.nextU32(), this.bus, subject, prefix, this.slab, maxPayloadBytes);
    this.byId.set(nodeId, link);
    return link;
  }
}
