/** The built program in processes of its own, as a user runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { removeFolderSync } from '../folders/remove-folder.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../dist/main.js');
/** A program that hangs is ended; one that is slow on a busy machine is not. */
const DEADLINE_MS = 200_000;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line to its end. It is killed when it takes too long, which shows as `code: null`. */
export async function runCli(
  args: readonly string[],
  options: { env?: Record<string, string> } = {},
): Promise<Finished> {
  return startCli(args, options.env).ended();
}

/** Runs one command line with `--json` and gives back its values; fails with what it said when it did not end well. */
export async function jsonCli<T = Record<string, unknown>>(args: readonly string[]): Promise<T[]> {
  const { code, stdout, stderr } = await runCli([...args, '--json']);
  if (code !== 0) throw new Error(`swarmlog ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

export interface RunningCli extends AsyncDisposable {
  readonly pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** Resolves with the first match in what it prints. Rejects when it ends before, or says nothing of the kind in time. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when it has come to its end. It is killed when that takes too long, which shows as `code: null`. */
  ended(): Promise<Finished>;
  /** How the process ended: its exit code, or the signal that ended it. Undefined while it runs. */
  ending(): string | undefined;
  /** Sends the signal and waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a command and gives it back while it runs. Disposing it sends SIGTERM. */
export function startCli(
  args: readonly string[],
  env: Record<string, string> = {},
  /** What to put before the command, so that it runs in another network. */
  inside: readonly string[] = [],
): RunningCli {
  if (!existsSync(PROGRAM)) throw new Error('the program is not built: run "npm run build"');
  return startProgram([...inside, process.execPath, PROGRAM, ...args], env);
}

/** Any other program, in the same way. */
export function startProgram(
  [program = '', ...words]: readonly string[],
  env: Record<string, string> = {},
): RunningCli {
  const child = spawn(program, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const closed = once(child, 'close') as Promise<[number | null]>;
  const output = () => stdout() + stderr();
  const ending = () => child.signalCode ?? (child.exitCode === null ? undefined : `exit code ${child.exitCode}`);
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await closed;
  };
  return {
    pid: child.pid ?? -1,
    output,
    async ended() {
      const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
      const [code] = await closed;
      clearTimeout(timer);
      return { code, stdout: stdout(), stderr: stderr() };
    },
    ending,
    kill,
    printed: (pattern) => waitForMatch(child, pattern, output),
    [Symbol.asyncDispose]: () => kill('SIGTERM'),
  };
}

function waitForMatch(child: ChildProcess, pattern: RegExp, output: () => string): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => finish(() => reject(new Error(`no ${pattern} within ${DEADLINE_MS} ms in: ${output()}`))),
      DEADLINE_MS,
    );
    const onClose = () => finish(() => reject(new Error(`ended before it printed ${pattern}: ${output()}`)));
    const onData = () => {
      const match = pattern.exec(output());
      if (match) finish(() => resolve(match));
    };
    function finish(settle: () => void): void {
      clearTimeout(timer);
      child.off('close', onClose);
      child.stdout?.off('data', onData);
      child.stderr?.off('data', onData);
      settle();
    }
    child.on('close', onClose);
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    onData();
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (piece: Buffer) => {
    text += piece.toString('utf8');
  });
  return () => text;
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'swarmlog-test-'));
  return { path, [Symbol.dispose]: () => removeFolderSync(path) };
}
