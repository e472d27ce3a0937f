/** The processes of the demo: a local DHT and three engines, each a program of its own, in one temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { callEngine } from '../../engine/control/call-engine-adapter.ts';
import { SyncError } from '../../errors.ts';

const STEP_MS = 120_000;
/** Of what a process says on stderr, kept for the case that it fails. */
const SAID_CHARACTERS = 2000;

export interface CallOptions {
  readonly onEvent?: (event: unknown) => void;
  readonly signal?: AbortSignal;
}

export interface Person {
  readonly name: string;
  readonly uri: string;
  readonly device: string;
  readonly home: string;
  readonly pid: number;
  /** Asks the person's engine. */
  call(method: string, params?: Record<string, unknown>, options?: CallOptions): Promise<unknown>;
}

export interface World extends AsyncDisposable {
  readonly folder: string;
  /** Starts a DHT; resolves to where to bootstrap from. */
  startDht(): Promise<{ bootstrap: string; pid: number }>;
  /** Makes an account in a home of its own. */
  makeAccount(name: string): Promise<string>;
  startEngine(person: { name: string; home: string; bootstrap: string }): Promise<Person>;
  /** Ends a person's engine with SIGKILL: it has no time to do anything. */
  kill(person: Pick<Person, 'pid'>): Promise<void>;
}

const Bootstrap = z.object({ bootstrap: z.string() });
const Up = z.object({ uri: z.string(), device: z.string() });

export async function createWorld(signal: AbortSignal): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-demo-'));
  const children: ChildProcess[] = [];
  const start = (args: readonly string[]) => {
    const child = spawnProgram(args);
    children.push(child);
    return child;
  };
  return {
    folder,
    async startDht() {
      const child = start(['dht', '--json']);
      return { ...Bootstrap.parse(await firstValue(child, 'The DHT')), pid: child.pid ?? 0 };
    },
    async makeAccount(name) {
      const home = join(folder, name.toLowerCase());
      await firstValue(start(['init', '--home', home, '--name', name, '--json']), `${name}'s account`);
      return home;
    },
    async startEngine({ name, home, bootstrap }) {
      const child = start(['up', '--home', home, '--bootstrap', bootstrap, '--json']);
      const { uri, device } = Up.parse(await firstValue(child, `${name}'s engine`));
      const call: Person['call'] = (method, params, options = {}) =>
        callEngine(home, { method, signal, isLong: true, ...(params && { params }), ...options });
      return { name, uri, device, home, pid: child.pid ?? 0, call };
    },
    async kill({ pid }) {
      const child = children.find((one) => one.pid === pid);
      if (child) await stop(child, 'SIGKILL');
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map((child) => stop(child)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function spawnProgram(args: readonly string[]): ChildProcess {
  const [, program = ''] = process.argv;
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The first JSON line a process prints. Throws TIMED_OUT, or USAGE with what it said when it ends without one. */
async function firstValue(child: ChildProcess, what: string): Promise<unknown> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new SyncError('UNREACHABLE', { value: what });
  let said = '';
  stderr.on('data', (piece: Buffer) => {
    said = (said + piece.toString('utf8')).slice(-SAID_CHARACTERS);
  });
  const lines = createInterface({ input: stdout });
  const deadline = AbortSignal.timeout(STEP_MS);
  const over = new AbortController();
  try {
    const ended = once(child, 'exit', { signal: over.signal }).then(() => {
      throw new SyncError('USAGE', { detail: `${what} did not come about: ${said.trim()}` });
    });
    const [line] = await Promise.race([
      once(lines, 'line', { signal: AbortSignal.any([deadline, over.signal]) }),
      ended,
    ]);
    return JSON.parse(String(line));
  } catch (error) {
    if (deadline.aborted) throw new SyncError('TIMED_OUT', { what, ms: STEP_MS }, { cause: error });
    throw error;
  } finally {
    over.abort();
    lines.close();
    stdout.resume();
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
