/** The guide to the command line knows every command and every option that the program has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../../docs/guides/command-line.md'), 'utf8');

const nowhere = { write: () => true };
const program = createProgram(
  { stdout: nowhere, stderr: nowhere, env: {}, signal: new AbortController().signal },
  () => {},
);

function* withOwn(command: Command): Generator<Command> {
  yield command;
  for (const own of command.commands) yield* withOwn(own);
}

describe('the guide to the command line', () => {
  const all = [...withOwn(program)];

  it.each(all.filter(({ commands }) => commands.length === 0).map((command) => command.name()))(
    'tells of %s',
    (name) => {
      expect(GUIDE).toMatch(new RegExp(`\`([a-z]+ )*${name}[ \`]`));
    },
  );

  it.each([...new Set(all.flatMap(({ options }) => options.map(({ long }) => long ?? '')))])(
    'tells of %s',
    (option) => {
      expect(GUIDE).toContain(option);
    },
  );
});
