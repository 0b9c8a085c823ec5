import { slotOfKey } from '#libs/kernel';
import { defineGatewayCommand } from '../define-command.js';

/** CLUSTER KEYSLOT key: 0..16383. It answers in every mode, since slots exist in every mode. */
export const clusterKeyslot = defineGatewayCommand({
  id: 202,
  name: 'cluster|keyslot',
  arity: 3,
  flags: ['stale'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Returns the hash slot of a key.',
  complexity: 'O(N) where N is the length of the key.',
  arguments: [{ name: 'key', type: 'string' }],
  run: ({ reply, request }) => reply.integer(slotOfKey(request.buffer, request.offsets[2], request.lengths[2])),
});
