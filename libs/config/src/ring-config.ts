import { RING_HASH_NAMES, VIRTUAL_NODES_PER_WEIGHT, type RingHashName } from '#libs/ring';
import { ChoiceSetting, IntegerSetting } from './setting-types.js';

/** The consistent-hash ring by which partitions get their owners. A change moves nothing that has an owner. */
export class RingConfig {
  @ChoiceSetting({ doc: 'What puts nodes and partitions on the ring.', choices: RING_HASH_NAMES })
  hash: RingHashName = 'sha256';

  @IntegerSetting({ doc: 'Places on the ring of a storage node of weight 1.', min: 1, max: 4_096 })
  virtualNodes = VIRTUAL_NODES_PER_WEIGHT;
}
