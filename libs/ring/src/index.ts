export { analyse, movedCopies, type LoadAnalysis, type NodeLoad } from './analyse.js';
export { HashRing, VIRTUAL_NODES_PER_WEIGHT, type RingNode } from './hash-ring.js';
export { place, type Placement, type PlacementInput, type PlacementNode } from './place.js';
export { sha256Positions, type PositionHash } from './position-hash.js';
