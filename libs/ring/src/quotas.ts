/**
 * How many of `total` things each node is to have by weight: its share rounded down or up, exactly `total` together.
 * Whole-number arithmetic, so that every coordinator comes to the same result.
 */
export interface QuotaNode {
  readonly weight: number;
}

/** `most`: what a node can have at most; `loads`: what each has now, so that those who have more keep the more. */
export function quotasOf(nodes: readonly QuotaNode[], total: number, most: number, loads: Int32Array): Int32Array {
  const quotas = new Int32Array(nodes.length);
  const open = fillSaturated(nodes, total, most, quotas);
  const given = quotas.reduce((sum, quota) => sum + quota, 0);
  const weight = open.reduce((sum, index) => sum + nodes[index].weight, 0);
  const rest = total - given;
  let missing = rest;
  for (const index of open) {
    quotas[index] = Math.floor((rest * nodes[index].weight) / weight);
    missing -= quotas[index];
  }
  const remainderOf = (index: number): number => (rest * nodes[index].weight) % weight;
  const keeps = (index: number): number => (loads[index] > quotas[index] ? 1 : 0);
  const roundedUp = open
    .filter((index) => remainderOf(index) > 0)
    .toSorted((a, b) => keeps(b) - keeps(a) || remainderOf(b) - remainderOf(a) || a - b)
    .slice(0, missing);
  for (const index of roundedUp) quotas[index]++;
  return quotas;
}

/** Gives `most` to the nodes whose share exceeds it, and answers the others. */
function fillSaturated(nodes: readonly QuotaNode[], total: number, most: number, quotas: Int32Array): number[] {
  let open = nodes.map((_node, index) => index);
  let rest = total;
  for (;;) {
    const weight = open.reduce((sum, index) => sum + nodes[index].weight, 0);
    const full = open.filter((index) => rest * nodes[index].weight >= most * weight);
    if (full.length === 0) return open;
    for (const index of full) quotas[index] = most;
    rest -= full.length * most;
    open = open.filter((index) => !full.includes(index));
  }
}
