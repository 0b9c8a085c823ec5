import { defineStorageCommand } from '../define-command.js';
import { getrange } from './getrange.js';

/** SUBSTR key start end: GETRANGE under its first name. */
export const substr = defineStorageCommand({
  ...getrange,
  id: 318,
  name: 'substr',
  since: '1.0.0',
  deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
});
