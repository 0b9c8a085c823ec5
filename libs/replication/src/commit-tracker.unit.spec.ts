import fc from 'fast-check';
import { CommitTracker } from './commit-tracker.js';
import { REPLICATION_BOUNDS } from './bounds.js';

const GROUPS = 3;
const SELF = 1;

/** The same with sets and sorting, per group. */
class ModelGroup {
  committed = 0;
  epochStart = Infinity;
  owners: readonly number[] = [];
  outgoing: readonly number[] = [];
  durable = new Map<number, number>();

  at(nodes: readonly number[]): number[] {
    return nodes.map((node) => this.durable.get(node) ?? 0).sort((a, b) => b - a);
  }

  configure(owners: readonly number[], outgoing: readonly number[]): void {
    this.owners = owners;
    this.outgoing = outgoing;
    for (const node of this.durable.keys())
      if (!owners.includes(node) && !outgoing.includes(node)) this.durable.delete(node);
    this.advance();
  }

  acknowledge(node: number, sequence: number): void {
    if (!this.owners.includes(node) && !this.outgoing.includes(node)) return;
    this.durable.set(node, Math.max(sequence, this.durable.get(node) ?? 0));
    this.advance();
  }

  /** Counts, for every record, whether enough have it. */
  private advance(): void {
    const isMajority = (nodes: readonly number[], sequence: number): boolean =>
      nodes.length === 0 || this.at(nodes).filter((has) => has >= sequence).length * 2 > nodes.length;
    for (const sequence of this.durable.values()) {
      if (sequence < this.epochStart || sequence <= this.committed) continue;
      if (isMajority(this.owners, sequence) && isMajority(this.outgoing, sequence)) this.committed = sequence;
    }
  }
}

const NODES = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
const OPERATION = fc.oneof(
  fc.record({
    kind: fc.constant('lead' as const),
    owners: NODES,
    outgoing: fc.oneof(fc.constant([]), NODES),
    start: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ kind: fc.constant('configure' as const), owners: NODES, outgoing: fc.oneof(fc.constant([]), NODES) }),
  fc.record({ kind: fc.constant('resign' as const) }),
  fc.record({ kind: fc.constant('forget' as const), node: fc.integer({ min: 1, max: 7 }) }),
  ...[1, 2, 3, 4, 5, 6].map(() =>
    fc.record({
      kind: fc.constant('acknowledge' as const),
      node: fc.integer({ min: 1, max: 7 }),
      sequence: fc.integer({ min: 1, max: 30 }),
    }),
  ),
);

describe('CommitTracker', () => {
  it('agrees with counting, for any owners and acknowledgements', () => {
    const life = fc.array(fc.tuple(fc.nat(GROUPS - 1), OPERATION), { maxLength: 60 });
    fc.assert(
      fc.property(life, (operations) => {
        const tracker = new CommitTracker(GROUPS, SELF);
        const models = Array.from({ length: GROUPS }, () => new ModelGroup());
        for (const [group, operation] of operations) {
          run(tracker, models, group, operation);
          compare(tracker, models[group], group);
        }
      }),
    );
  });

  function run(
    tracker: CommitTracker,
    models: ModelGroup[],
    group: number,
    operation: typeof OPERATION extends fc.Arbitrary<infer T> ? T : never,
  ): void {
    const model = models[group];
    switch (operation.kind) {
      case 'lead':
        tracker.lead(group, operation.start, operation.owners, operation.outgoing);
        models[group] = new ModelGroup();
        models[group].epochStart = operation.start;
        return models[group].configure(operation.owners, operation.outgoing);
      case 'configure':
        if (!tracker.leads(group)) return;
        tracker.configure(group, operation.owners, operation.outgoing);
        return model.configure(operation.owners, operation.outgoing);
      case 'resign':
        tracker.resign(group);
        models[group] = new ModelGroup();
        return;
      case 'forget':
        tracker.forget(group, operation.node);
        return void model.durable.delete(operation.node);
      case 'acknowledge':
        tracker.acknowledge(group, operation.node, operation.sequence);
        return model.acknowledge(operation.node, operation.sequence);
    }
  }

  function compare(tracker: CommitTracker, model: ModelGroup, group: number): void {
    const { committed, owners } = model;
    const replicas = model.at(owners.filter((node) => node !== SELF));
    expect(tracker.committed[group]).toBe(committed);
    expect(tracker.atAll(group)).toBe(Math.min(committed, model.at(owners).at(-1) ?? 0));
    for (let count = 1; count <= 6; count++) expect(tracker.atReplicas(group, count)).toBe(replicas[count - 1] ?? 0);
    expect(tracker.ownerCount(group)).toBe(owners.length);
    for (const sequence of [1, 10, 20, 30]) {
      expect(tracker.ownersWith(group, sequence, true)).toBe(model.at(owners).filter((has) => has >= sequence).length);
      expect(tracker.ownersWith(group, sequence, false)).toBe(replicas.filter((has) => has >= sequence).length);
    }
  }

  it('commits no record of an earlier epoch by counting', () => {
    const tracker = new CommitTracker(GROUPS, SELF);
    tracker.lead(0, 10, [1, 2, 3], []);
    tracker.acknowledge(0, 1, 9);
    tracker.acknowledge(0, 2, 9);
    tracker.acknowledge(0, 3, 9);
    expect(tracker.committed[0]).toBe(0);
    tracker.acknowledge(0, 1, 10);
    tracker.acknowledge(0, 2, 10);
    expect(tracker.committed[0]).toBe(10);
  });

  it('names the groups in which somebody has got further, once', () => {
    const tracker = new CommitTracker(GROUPS, SELF);
    tracker.lead(0, 1, [1, 2, 3], []);
    tracker.lead(2, 1, [1, 2, 3], []);
    tracker.takeTouched();
    tracker.acknowledge(2, 2, 5);
    tracker.acknowledge(2, 3, 5);
    tracker.acknowledge(2, 3, 4);
    tracker.acknowledge(0, 9, 5);
    expect(tracker.takeTouched()).toEqual([2]);
    expect(tracker.takeTouched()).toEqual([]);
  });

  it('has a place for every owner and each that it replaces, and for no more', () => {
    const tracker = new CommitTracker(GROUPS, 0);
    const nodes = Array.from({ length: REPLICATION_BOUNDS.maxMembers }, (_, node) => node);
    tracker.lead(2, 1, nodes.slice(0, 8), nodes.slice(8));
    for (const node of nodes.slice(0, 5)) tracker.acknowledge(2, node, 7);
    expect(tracker.committed[2]).toBe(0);
    for (const node of nodes.slice(8, 13)) tracker.acknowledge(2, node, 7);
    expect(tracker.committed[2]).toBe(7);
    expect(() => tracker.configure(2, nodes, [99])).toThrow('17 members');
  });
});
