import { FRAME_TYPES } from '#libs/wire';
import type { OwnershipMessageType } from './messages.js';

export const MESSAGE_FRAMES: Readonly<Record<OwnershipMessageType, number>> = {
  seal: FRAME_TYPES.SEAL,
  sealed: FRAME_TYPES.SEALED,
  renew: FRAME_TYPES.RENEW,
  granted: FRAME_TYPES.GRANTED,
};
