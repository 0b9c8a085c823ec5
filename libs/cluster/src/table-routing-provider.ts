import { NO_NODE } from './cluster-table.js';
import type { RoutingTable } from './routing-table.js';
import type { RoutingProvider } from './services.js';

/** Routes by the last table that it was given. The hot path uses the routing table itself, by index. */
export class TableRoutingProvider implements RoutingProvider {
  private routing: RoutingTable | undefined;

  constructor(private readonly selfId: string) {}

  use(routing: RoutingTable): void {
    this.routing = routing;
  }

  routeKey(buffer: Uint8Array, offset: number, length: number): string | undefined {
    if (this.routing === undefined) return undefined;
    const node = this.routing.servingOf[this.routing.partitionOf(buffer, offset, length)];
    return node === NO_NODE ? undefined : this.routing.nodes[node].nodeId;
  }

  isLocal(buffer: Uint8Array, offset: number, length: number): boolean {
    return this.routeKey(buffer, offset, length) === this.selfId;
  }
}
