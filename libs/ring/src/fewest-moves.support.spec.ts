/**
 * The fewest copies that must be transferred from one placement to any that is as balanced and as spread over zones as
 * `place` promises: a minimum-cost flow by successive shortest paths, with Bellman-Ford. Slow, and shares nothing with
 * the code under test but the shares and the zones' parts.
 */
import type { Placement, PlacementNode } from './place.js';
import { Shares } from './shares.js';
import { zonesOf } from './zones.js';

/** Dearer than all moves together: a node's share rounded down comes first. */
const FLOOR_REWARD = 1_000_000;

class Network {
  private readonly to: number[] = [];
  private readonly room: number[] = [];
  private readonly cost: number[] = [];
  private readonly edges: number[][] = [];

  connect(from: number, to: number, room: number, cost: number): void {
    for (const [start, end, some, price] of [
      [from, to, room, cost],
      [to, from, 0, -cost],
    ]) {
      (this.edges[start] ??= []).push(this.to.length);
      this.to.push(end);
      this.room.push(some);
      this.cost.push(price);
    }
  }

  /** Sends as much as possible; answers the amount and its cost. */
  send(source: number, sink: number): { readonly amount: number; readonly cost: number } {
    let [amount, cost] = [0, 0];
    for (;;) {
      const { distance, via } = this.shortest(source);
      if (distance[sink] === undefined) return { amount, cost };
      for (let vertex = sink; vertex !== source; vertex = this.to[via[vertex] ^ 1]) {
        this.room[via[vertex]]--;
        this.room[via[vertex] ^ 1]++;
      }
      amount++;
      cost += distance[sink];
    }
  }

  private shortest(source: number): { readonly distance: number[]; readonly via: number[] } {
    const distance: number[] = [];
    const via: number[] = [];
    const waiting = new Set([source]);
    distance[source] = 0;
    for (const vertex of waiting) {
      waiting.delete(vertex);
      for (const edge of this.edges[vertex]) {
        const end = this.to[edge];
        const length = distance[vertex] + this.cost[edge];
        if (this.room[edge] === 0 || length >= (distance[end] ?? Infinity)) continue;
        distance[end] = length;
        via[end] = edge;
        waiting.add(end);
      }
    }
    return { distance, via };
  }
}

export function fewestMoves(previous: Placement, nodes: readonly PlacementNode[], replicationFactor: number): number {
  const partitionCount = previous.length;
  const zones = zonesOf(nodes, replicationFactor);
  const total = partitionCount * zones.copies;
  const shares = new Shares(nodes, zones, partitionCount, total);
  const zoneCount = zones.caps.length;
  const network = new Network();
  const [source, sink] = [0, 1];
  const nodeAt = (node: number): number => 2 + node;
  const partitionAt = (partition: number): number => 2 + nodes.length + partition * (zoneCount + 1);
  nodes.forEach((_node, node) => {
    const floor = shares.floors[node];
    if (floor > 0) network.connect(nodeAt(node), sink, floor, -FLOOR_REWARD);
    network.connect(nodeAt(node), sink, shares.ceiling(node) - floor, 0);
  });
  previous.forEach((owners, partition) => {
    network.connect(source, partitionAt(partition), zones.copies, 0);
    zones.caps.forEach((cap, zone) =>
      network.connect(partitionAt(partition), partitionAt(partition) + 1 + zone, cap, 0),
    );
    nodes.forEach(({ id }, node) => {
      const from = partitionAt(partition) + 1 + zones.zoneOf[node];
      network.connect(from, nodeAt(node), 1, owners.includes(id) ? 0 : 1);
    });
  });
  const { amount, cost } = network.send(source, sink);
  expect(amount).toBe(total);
  return cost + FLOOR_REWARD * shares.floors.reduce((sum, floor) => sum + floor, 0);
}
