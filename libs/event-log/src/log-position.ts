/** A place in the log: so many bytes of a segment. All of the segments before it lies before it. */
export interface LogPosition {
  readonly segment: number;
  readonly bytes: number;
}

/** A hybrid logical clock's time. */
export interface LogTime {
  readonly wallMs: number;
  readonly logical: number;
}

export const LOG_START: LogPosition = { segment: 0, bytes: 0 };

export function isBefore(a: LogPosition, b: LogPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.bytes < b.bytes);
}

export function later(a: LogPosition, b: LogPosition): LogPosition {
  return isBefore(a, b) ? b : a;
}

export function laterTime(a: LogTime, b: LogTime): LogTime {
  return a.wallMs < b.wallMs || (a.wallMs === b.wallMs && a.logical < b.logical) ? b : a;
}
