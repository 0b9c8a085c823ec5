import { readFileSync } from 'node:fs';
import { ERRORS, type ErrorCode, errorText } from './errors.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];
const DOCUMENT = new URL('../../../docs/reference/errors.md', import.meta.url);

/** Rows of the document's table, as lists of cells without backticks. */
function documentedRows(): string[][] {
  return readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
    );
}

describe('errors', () => {
  it('are what docs/reference/errors.md lists', () => {
    const rows = CODES.map((code) => {
      const { httpStatus, retriable } = ERRORS[code];
      return [code, errorText(code), String(httpStatus), retriable ? 'yes' : 'no'];
    });
    expect(documentedRows().map((row) => row.slice(0, 4))).toEqual(rows);
  });

  it('are single lines that begin with an upper-case word', () => {
    for (const code of CODES) expect(errorText(code)).toMatch(/^[A-Z]+ [\x20-\x7e]+$/);
  });

  it('have HTTP statuses of failures, and of those that may be repeated the fitting ones', () => {
    for (const code of CODES) {
      const { httpStatus, retriable } = ERRORS[code];
      expect(httpStatus).toBeGreaterThanOrEqual(400);
      expect(httpStatus).toBeLessThan(600);
      if (retriable) expect([503, 507]).toContain(httpStatus);
    }
  });

  it('never call an unknown outcome retriable', () => {
    expect(ERRORS.TIMEOUT.retriable).toBe(false);
  });
});
