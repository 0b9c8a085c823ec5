/** All promises of a cluster, looked at after each turn of a process, at what this turn may have changed. */
import { decodeClusterTable } from '#libs/cluster';
import { subjectsOf } from '#libs/wire';
import { CLUSTER_NAME } from '../cluster-settings.js';
import { must } from '../raft/safety-checks.js';
import type { SimMachine } from '../sim-machine.js';
import type { Passage } from '../sim-network.js';
import { GroupChecks } from './group-checks.js';
import { TableChecks } from './table-checks.js';

const subjects = subjectsOf(CLUSTER_NAME);
const RAFT_PREFIX = subjects.raft(1).slice(0, -1);

/** A storage node's process and what it serves. */
interface Server {
  readonly process: object;
  readonly name: string;
  readonly states: Uint8Array;
  readonly epochs: Uint32Array;
  incarnation: number;
}

export class ClusterChecks {
  readonly tables = new TableChecks();
  readonly group = new GroupChecks(this.tables);
  private readonly servers = new Map<string, Server>();
  /** By machine: the table that its process followed when it was looked at last. */
  private readonly followed = new Map<string, object>();

  onTurn(machine: SimMachine): void {
    const { name, coordinator, storageNode, gateway } = machine;
    if (coordinator !== undefined) return this.group.onTurn(name, coordinator);
    const host = storageNode ?? gateway;
    const routing = host?.routing;
    if (host === undefined || routing === undefined) {
      this.servers.delete(name);
      return;
    }
    if (this.followed.get(name) !== routing) {
      this.followed.set(name, routing);
      this.tables.onFollowed(host, name, routing.table);
    }
    if (storageNode !== undefined) this.checkServing(machine);
  }

  onPublished(from: string, subject: string, payload: Uint8Array, replyTo: string | undefined): void {
    if (subject === subjects.table) this.tables.onSeen(from, decodeClusterTable(payload));
    else if (subject === subjects.change) this.group.onRequest(payload, replyTo);
    else if (subject.startsWith('_INBOX.')) this.group.onPublished(from, subject, payload);
  }

  onArrival({ subject, payload }: Passage): void {
    if (subject.startsWith(RAFT_PREFIX) && !subject.endsWith('.refused')) this.group.onArrival(payload);
  }

  /** Memory is looked at now and then: the limits never change. */
  checkMemory(machines: Iterable<SimMachine>): void {
    for (const { name, storageNode } of machines) {
      if (storageNode === undefined) continue;
      const { memory } = storageNode.nodeStores;
      must(memory.usedBytes <= memory.limitBytes, `${name}: uses more memory than it may`);
      for (const { definition, engine } of storageNode.stores.values()) {
        const isWithin = definition.memoryLimitBytes === 0 || engine.usedBytes <= definition.memoryLimitBytes;
        must(isWithin, `${name}: store ${definition.name} is larger than it may be`);
      }
    }
  }

  /** Two processes never serve the same partition under the same epoch. */
  private checkServing({ name, storageNode }: SimMachine): void {
    if (storageNode?.routing === undefined) return;
    const { ownership, routing, incarnation } = storageNode;
    const { partitionCount } = ownership;
    const self = routing.nodeIndexOf(name);
    // One that was replaced, and has not heard of it yet, is asked by nobody who has.
    if (self < 0 || routing.nodes[self].incarnation !== incarnation) {
      this.servers.delete(name);
      return;
    }
    let server = this.servers.get(name);
    if (server?.process !== storageNode || server.states.length !== partitionCount) {
      const states = new Uint8Array(partitionCount);
      server = { process: storageNode, name, states, epochs: new Uint32Array(partitionCount), incarnation };
      this.servers.set(name, server);
    }
    for (let partition = 0; partition < partitionCount; partition++) {
      const serves = ownership.isServing(partition) ? 1 : 0;
      const epoch = ownership.epochs[partition];
      if (server.states[partition] === serves && server.epochs[partition] === epoch) continue;
      server.states[partition] = serves;
      server.epochs[partition] = epoch;
      if (serves === 1) this.checkAlone(server, partition, epoch);
    }
  }

  private checkAlone(server: Server, partition: number, epoch: number): void {
    for (const other of this.servers.values()) {
      const both = other !== server && other.states[partition] === 1 && other.epochs[partition] === epoch;
      must(!both, `${other.name} and ${server.name} both serve partition ${partition} at epoch ${epoch}`);
    }
  }
}
