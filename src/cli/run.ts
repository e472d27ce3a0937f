import { CommanderError } from 'commander';
import * as z from 'zod';
import { isSyncError, messageOf } from '../errors.ts';
import type { Surroundings } from './context.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts';
import { createProgram } from './program.ts';
import { createOutput } from './terminal/output.ts';
import { cleanText } from './words/clean-text.ts';
import { stoppedSentence } from './words/stopped.ts';

/** Runs one command line to its end. Failures go to stderr as a sentence; the exit code says their kind. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.fine;
  const program = createProgram(surroundings, (code) => {
    exitCode = code;
  });
  let command = '';
  program.hook('preAction', (_, used) => {
    command = used.name();
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // commander has printed help, version or its own complaint already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.unusable;
    const output = createOutput({ json: false, ...surroundings });
    if (surroundings.signal.aborted) {
      output.remark(stoppedSentence(command, !isSyncError(error, 'TIMED_OUT')));
      return EXIT.stopped;
    }
    output.failure(cleanText(sentenceOf(error)));
    return exitCodeOf(error);
  }
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return messageOf(error);
  return `The engine gave an answer that this program cannot read; are both of one version? (${z.prettifyError(error)})`;
}
