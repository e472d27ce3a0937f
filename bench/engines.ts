/** Two engines in processes of their own, and a DHT between them: what a user runs, from `dist/`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { callEngine } from '../src/engine/control/call-engine-adapter.ts';

const PROGRAM = resolve(import.meta.dirname, '../dist/main.js');
const READER = resolve(import.meta.dirname, 'reading-engine.ts');

export interface Engine {
  readonly home: string;
  readonly uri: string;
  readonly pid: number;
  call(method: string, params?: Record<string, unknown>): Promise<unknown>;
  /** Hears of everything that happens in a conversation from when this resolves until it is disposed. */
  watch(conversation: string, onChange: (change: unknown) => void): Promise<AsyncDisposable>;
  /** 99 of 100 times its event loop was no later than this since the last look, in milliseconds. */
  loopDelay(): Promise<number>;
}

/** An engine that opens read streams, which only the library can. */
export interface ReadingEngine extends Engine {
  /** Loses the file and reads it while it comes; resolves when the file is complete. */
  readAgain(file: Readable): Promise<ReadTimes>;
}

const ReadTimes = z.object({ allHere: z.number(), taken: z.number() });

/** Milliseconds from the moment an engine asks for a file until every byte is here and checked, and was taken by the reader. */
type ReadTimes = z.infer<typeof ReadTimes>;

/** What to read; `path` is where it lies when it is here, `size` is in bytes. */
interface Readable {
  readonly conversation: string;
  readonly interaction: string;
  readonly path: string;
  readonly size: number;
}

export interface Engines extends AsyncDisposable {
  readonly left: Engine;
  readonly right: Engine;
  /** Both are members. */
  readonly conversation: string;
  start(name: string): Promise<Engine>;
  /** Another conversation, of the first one, which the others join. */
  share(first: Engine, ...others: readonly Engine[]): Promise<string>;
}

const Bootstrap = z.object({ bootstrap: z.string() });
const Up = z.object({ uri: z.string() });
const LoopDelay = z.object({ p99Ms: z.number() });
const Invitations = z.object({ invitations: z.array(z.object({ conversation: z.string() })) });

/** `folder` holds the homes. */
export function startEngines(folder: string, signal: AbortSignal): Promise<Engines> {
  return startAll(folder, signal, ({ start }) => start('right'));
}

/** The same, with one on the right that reads. */
export function startReading(
  folder: string,
  signal: AbortSignal,
): Promise<Engines & { readonly right: ReadingEngine }> {
  return startAll(folder, signal, ({ startReading }) => startReading('right'));
}

interface Starters extends Pick<Engines, 'start'> {
  startReading(name: string): Promise<ReadingEngine>;
}

async function startAll<Right extends Engine>(
  folder: string,
  signal: AbortSignal,
  startRight: (starters: Starters) => Promise<Right>,
): Promise<Engines & { readonly right: Right }> {
  const children: ChildProcess[] = [];
  const runNode = async (args: readonly string[]) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    children.push(child);
    return { child, said: JSON.parse(await firstLineOf(child)) };
  };
  const run = (args: readonly string[]) => runNode([PROGRAM, ...args, '--json']);

  async function makeAccount(name: string): Promise<string> {
    const home = join(folder, name);
    await run(['init', '--home', home, '--name', name]);
    return home;
  }

  async function startEngine(name: string, bootstrap: string): Promise<Engine> {
    const home = await makeAccount(name);
    return engineOf(home, await run(['up', '--home', home, '--bootstrap', bootstrap]));
  }

  async function startReadingEngine(name: string, bootstrap: string): Promise<ReadingEngine> {
    const home = await makeAccount(name);
    const running = await runNode(['--import', 'tsx', READER, home, bootstrap]);
    return { ...engineOf(home, running), readAgain: (file) => readAgain(running.child, file) };
  }

  function engineOf(home: string, { child, said }: { readonly child: ChildProcess; readonly said: unknown }): Engine {
    const call: Engine['call'] = (method, params = {}) => callEngine(home, { method, params, signal, isLong: true });
    return {
      ...{ home, call, uri: Up.parse(said).uri, pid: child.pid ?? 0 },
      watch: (conversation, onChange) => watch(home, { conversation, onChange, signal }),
      loopDelay: async () => LoopDelay.parse(await call('event-loop-delay')).p99Ms,
    };
  }

  async function share(first: Engine, ...others: readonly Engine[]): Promise<string> {
    const { conversation } = z.object({ conversation: z.string() }).parse(await first.call('new'));
    for (const other of others) {
      await first.call('invite', { conversation, uri: other.uri });
      const isInvited = async () =>
        Invitations.parse(await other.call('conversations')).invitations.some((it) => it.conversation === conversation);
      await until(isInvited, signal);
      await other.call('join', { conversation });
    }
    return conversation;
  }

  async function stop(): Promise<void> {
    for (const child of children) if (child.exitCode === null && child.signalCode === null) await stopped(child);
  }

  try {
    const { bootstrap } = Bootstrap.parse((await run(['dht'])).said);
    const start = (name: string) => startEngine(name, bootstrap);
    const left = await start('left');
    const right = await startRight({ start, startReading: (name) => startReadingEngine(name, bootstrap) });
    const conversation = await share(left, right);
    return { left, right, conversation, start, share, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readAgain(child: ChildProcess, file: Readable): Promise<ReadTimes> {
  const answered = once(child, 'message', { signal: AbortSignal.timeout(60_000) });
  child.send(file);
  const [answer] = await answered;
  return ReadTimes.parse(answer);
}

interface Watching {
  readonly conversation: string;
  readonly signal: AbortSignal;
  onChange(change: unknown): void;
}

async function watch(home: string, { conversation, signal, onChange }: Watching): Promise<AsyncDisposable> {
  const stop = new AbortController();
  let isOver: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const onEvent = (event: unknown) => {
      resolve();
      onChange(event);
    };
    const call = { method: 'changes', params: { conversation }, onEvent, isLong: true };
    isOver = callEngine(home, { ...call, signal: AbortSignal.any([signal, stop.signal]) }).catch(reject);
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await isOver;
    },
  };
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the program has no output');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(30_000) })) as [string];
  lines.close();
  child.stdout.resume();
  return line;
}

async function stopped(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

const LOOK_EVERY_MS = 50;

/** Engines tell each other at once; this only looks whether they have. */
export async function until(isSo: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
  while (!(await isSo())) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
