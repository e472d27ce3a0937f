/** docs/format.md knows every event, every type and key that a commit may have, and every mode. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/events/encode.ts';
import { MODES } from '../../../src/events/kinds/conversation-created.ts';
import { GOLDEN_EVENTS } from '../../support/events/events.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/format.md'), 'utf8');
const rows = PAGE.split('\n').filter((line) => line.startsWith('|'));

describe('the page on the format', () => {
  it.each(Object.values(GOLDEN_EVENTS).map((event) => [event.kind, event] as const))(
    'says what a commit of %s holds',
    (kind, event) => {
      const { type, ...others } = JSON.parse(encode(event));
      const row = rows.find((line) => line.startsWith(`| \`${type}\``) && line.includes(`\`${kind}\``));
      const unnamed = Object.keys(others).filter((key) => !row?.includes(`\`${key}\``));
      expect({ hasRow: row !== undefined, unnamed }).toEqual({ hasRow: true, unnamed: [] });
    },
  );

  it.each(MODES.map((mode, number) => [number, mode] as const))('has number %i for %s', (number, mode) => {
    expect(rows.some((line) => line.startsWith(`| ${number} | \`${mode}\` |`))).toBe(true);
  });
});
