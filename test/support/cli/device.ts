/** A home and what its engine says, asked through the command line; what is only waited for, without it. */
import { callEngine } from '../../../src/engine/control/call-engine-adapter.ts';
import { patience } from '../time/patience.ts';
import { jsonCli, type RunningCli, runCli, startCli } from './built-program.ts';

export { until } from '../time/until.ts';

export interface ListedConversation {
  readonly conversation: string;
  readonly title: string | null;
  readonly head?: string;
  readonly missing?: number;
  /** Only an invitation so far. */
  readonly invited?: true;
}

/** The engine's own answer to `conversations`. */
interface Known {
  readonly conversations: readonly { readonly head: string }[];
  readonly invitations: readonly { readonly conversation: string }[];
}

export interface Device {
  readonly home: string;
  readonly uri: string;
  readonly device: string;
  /** Runs a command on the home and gives back its JSON lines; throws when it does not exit with 0. */
  json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T[]>;
  /** Runs a command on the home, however it ends. */
  run(...args: readonly string[]): ReturnType<typeof runCli>;
  conversations(): Promise<ListedConversation[]>;
  /** Head of the first conversation. Throws while no engine runs. */
  head(): Promise<string | undefined>;
  /** Ids of the conversations to which an invitation is here. */
  invitations(): Promise<readonly string[]>;
  /** What its engine answers, without the command line: that takes a process and half a second for each question. */
  ask<T>(method: string, params?: Readonly<Record<string, unknown>>): Promise<T>;
}

/** The device of a home that has an account. */
export async function createDevice(home: string): Promise<Device> {
  const [id] = await jsonCli<{ uri: string; device: string }>(['id', '--home', home]);
  if (!id) throw new TypeError(`${home} has no id`);
  const json: Device['json'] = (...args) => jsonCli([...args, '--home', home]);
  const ask: Device['ask'] = async <T>(method: string, params = {}) =>
    (await callEngine(home, { method, params, signal: patience() })) as T;
  return {
    home,
    ...id,
    json,
    run: (...args) => runCli([...args, '--home', home]),
    conversations: () => json<ListedConversation>('conversations'),
    head: async () => (await ask<Known>('conversations')).conversations[0]?.head,
    invitations: async () => (await ask<Known>('conversations')).invitations.map(({ conversation }) => conversation),
    ask,
  };
}

/** A DHT of one's own; nothing leaves this machine. */
export async function startDht(): Promise<RunningCli & { readonly bootstrap: string }> {
  const dht = startCli(['dht', '--json']);
  const [, bootstrap = ''] = await dht.printed(/"bootstrap":"([^"]+)"/);
  return { ...dht, bootstrap };
}

/** Resolves when the engine answers. One that does not come up is ended, so that the home is free again. */
export async function startEngine(
  { home }: Pick<Device, 'home'>,
  bootstrap: string,
  ...options: readonly string[]
): Promise<RunningCli> {
  const engine = startCli(['up', '--home', home, '--bootstrap', bootstrap, '--json', ...options]);
  try {
    await engine.printed(/"addresses"/);
    return engine;
  } catch (error) {
    await engine.kill('SIGKILL');
    throw error;
  }
}
