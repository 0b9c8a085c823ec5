import { argumentIs } from './request.js';
import type { Request } from './request.js';

/** True for ON, false for OFF, undefined for anything else. */
export function onOffArgument(request: Request, index: number): boolean | undefined {
  if (argumentIs(request, index, 'on')) return true;
  return argumentIs(request, index, 'off') ? false : undefined;
}
