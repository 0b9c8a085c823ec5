/** What the process that measures frames tells the suite. */

/** Operations that the node looks ahead, without and with. */
export const LOOK_AHEADS = [0, 32] as const;
export const FRAME_PHASES = ['get, hit', 'get, miss', 'set, overwrite'] as const;
export type FramePhase = (typeof FRAME_PHASES)[number];

/** Operations per second: per look-ahead, per phase. */
export type FrameRates = readonly (readonly number[])[];
