import { resolve } from 'node:path';
import type { Command } from 'commander';
import { callEngine } from '../engine/control/call-engine-adapter.ts';
import { SyncError } from '../errors.ts';
import { createOutput, type Output, type OutputStream } from './terminal/output.ts';

/** What a command line runs in: the process, or a test. */
export interface Surroundings {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
  /** Fires when the person presses Ctrl-C or the process is told to end. */
  readonly signal: AbortSignal;
  /** Asks the person at the terminal, who does not see what is typed; absent when there is no terminal. */
  readonly askPassword?: (question: string) => Promise<string>;
}

/** What every command works with. */
export interface CommandContext extends Surroundings {
  readonly output: Output;
  /** The home given by `--home` or `SWARMLOG_HOME`, absolute. Throws USAGE when there is neither. */
  home(): string;
  /** Asks the engine running on the home. */
  call(method: string, params?: Record<string, unknown>, onEvent?: (event: unknown) => void): Promise<unknown>;
  readonly logLevel: string;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly home?: string;
  readonly logLevel?: string;
}

/** They move files or clone; the person decides how long that may take. */
const LONG_METHODS: ReadonlySet<string> = new Set(['fetch', 'join', 'send-file']);

export function contextOf(command: Command, surroundings: Surroundings): CommandContext {
  const options: GlobalOptions = command.optsWithGlobals();
  const output = createOutput({ json: options.json ?? false, ...surroundings });
  const home = () => {
    const path = options.home ?? surroundings.env['SWARMLOG_HOME'];
    if (!path) throw new SyncError('USAGE', { detail: 'Say which home: --home DIR, or set SWARMLOG_HOME.' });
    return resolve(path);
  };
  return {
    ...surroundings,
    output,
    home,
    call: (method, params = {}, onEvent) =>
      callEngine(home(), {
        method,
        params,
        signal: surroundings.signal,
        isLong: LONG_METHODS.has(method),
        ...(onEvent && { onEvent }),
      }),
    logLevel: options.logLevel ?? 'warn',
  };
}

/** One use of a command, as its action sees it. */
export interface CommandUse<Options> {
  readonly context: CommandContext;
  /** The words after the command's name, options taken out. */
  readonly words: readonly string[];
  readonly options: Options;
}

/** Makes a commander action of a function that takes everything in one object. */
export function action<Options extends object = Record<string, never>>(
  surroundings: Surroundings,
  use: (use: CommandUse<Options>) => Promise<void>,
): (this: Command) => Promise<void> {
  return async function (this: Command) {
    await use({ context: contextOf(this, surroundings), words: this.args, options: this.opts<Options>() });
  };
}

/** The word at a place that commander has already made sure of. */
export function wordAt(words: readonly string[], at: number): string {
  return words[at] ?? '';
}
