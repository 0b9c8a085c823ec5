/** The bounds of collections: when one is packed, when it becomes a tree, and how large the tree's parts may be. */
import { assert } from '#libs/kernel';

export const COLLECTION_BOUNDS = {
  /** A packed value's bytes; also those of a unit (collection-units.ts). */
  packedBytes: 4096,
  /** Elements of a packed hash, set or sorted set. A packed list is bounded by its bytes alone. */
  packedElements: 128,
  /** A tree is packed again at so many elements and bytes: half the way back, so that no element is converted twice. */
  repackElements: 64,
  repackBytes: 2048,
  /** A node's block at most, the step in which it grows, and the fill (with a sibling's) at which nodes are joined. */
  nodeBytes: 4096,
  nodeStepBytes: 256,
  joinBelowBytes: 1024,
  joinedBytes: 3072,
  /** Longer keys (hash or score prefix included) and values lie in blocks outside their node. */
  inlineKeyBytes: 256,
  inlineValueBytes: 512,
  /** Levels of a tree; one of 2^32 elements has about a dozen with the longest separators, four with short ones. */
  maxDepth: 24,
  maxElements: 2 ** 32 - 1,
  /** Nodes of dropped trees that one refused allocation frees before it is tried once more. */
  reclaimedNodes: 32,
} as const;

const { nodeBytes, nodeStepBytes, inlineKeyBytes, inlineValueBytes, repackBytes, packedBytes } = COLLECTION_BOUNDS;
assert(nodeBytes % nodeStepBytes === 0, 'a node grows to its bound in whole steps');
assert(4 * (inlineKeyBytes + inlineValueBytes + 16) < nodeBytes, 'a node must hold four of the longest cells');
assert(2 * repackBytes <= packedBytes, 'what has been packed again must have room to grow');
