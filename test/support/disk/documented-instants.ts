import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
/** A few calls fall together or apart with the speed of the machine. */
const SLACK = 0.25;

/**
 * Between how many instants an operation has by the table in docs/reliability.md: in a row, the names of the operations are
 * marked as code, and their instants stand in the last column, in the same order.
 */
export function documentedInstants(operation: string): { readonly least: number; readonly most: number } {
  for (const row of page.split('\n')) {
    const [, names = '', , instants = ''] = row.split('|');
    const place = [...names.matchAll(/`([^`]+)`/g)].findIndex(([, name]) => name === operation);
    if (place < 0) continue;
    const count = Number(instants.split(',')[place]);
    return { least: Math.floor(count * (1 - SLACK)), most: Math.ceil(count * (1 + SLACK)) };
  }
  throw new TypeError(`docs/reliability.md does not name the operation “${operation}”`);
}
