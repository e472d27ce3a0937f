#!/usr/bin/env node
import process from 'node:process';
import { errorCodeOf } from '../error-code.ts';
import { SyncError } from '../errors.ts';
import { askPassword } from './input/ask-password-adapter.ts';
import { quietConsole } from './quiet-console.ts';
import { run } from './run.ts';

quietConsole();
const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // The second signal of a kind finds no handler and ends the process at once.
  process.once(name, () => ending.abort(new SyncError('CANCELLED', { what: 'The command' })));
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: unknown) => {
  if (errorCodeOf(error) === 'EPIPE') process.exit(0);
  throw error;
});

const exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: ending.signal,
  ...(process.stdin.isTTY && { askPassword: (question: string) => askPassword(question, ending.signal) }),
});
// Native parts keep the event loop alive for a while after they were closed; what was printed is flushed first.
process.stdout.write('', () => process.exit(exitCode));
