export { analyse, movedCopies, type LoadAnalysis, type NodeLoad } from './analyse.js';
export { HashRing, nodePositions, VIRTUAL_NODES_PER_WEIGHT, type RingNode, type RingOptions } from './hash-ring.js';
export { place, type Placement, type PlacementInput, type PlacementNode } from './place.js';
export {
  murmur3Positions,
  RING_HASH_NAMES,
  RING_HASHES,
  sha256Positions,
  type PositionHash,
  type RingHashName,
} from './position-hash.js';
export { plannedOwners, ringReport, type RingNodeReport, type RingReport } from './table-ring.js';
