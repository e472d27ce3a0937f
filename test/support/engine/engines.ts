/** Real engines on one local DHT, in the process of the test, for scenarios. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { ConversationHandle, Engine, EngineOptions } from '../../../src/engine/engine.ts';
import { createLocalDht } from '../../../src/net/dht/local-dht-adapter.ts';
import type { TimelinePage } from '../../../src/projections/timeline/timeline-page.ts';
import { removeFolder } from '../folders/remove-folder.ts';
import { placeAccount } from '../identity/accounts.ts';
import { until } from '../time/until.ts';

export interface TestEngines extends AsyncDisposable {
  readonly bootstrap: readonly string[];
  /** The home of an account of that name; made by the first call. */
  home(name: string): Promise<string>;
  /** An engine on that home. */
  start(name: string, options?: Partial<EngineOptions>): Promise<Engine>;
}

/** Disposing it closes every engine that still runs, and removes the homes. */
export async function createTestEngines(): Promise<TestEngines> {
  const dht = await createLocalDht({ host: '127.0.0.1', port: 0 });
  const bootstrap = [`${dht.host}:${dht.port}`];
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-engines-'));
  const homes = new Map<string, Promise<string>>();
  const engines: Engine[] = [];

  async function makeHome(name: string): Promise<string> {
    const path = join(folder, name);
    await placeAccount(path, name);
    return path;
  }

  function home(name: string): Promise<string> {
    const made = homes.get(name) ?? makeHome(name);
    homes.set(name, made);
    return made;
  }

  return {
    bootstrap,
    home,
    async start(name, options = {}) {
      const engine = await createEngine({ home: await home(name), bootstrap, ...options });
      engines.push(engine);
      return engine;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(engines.map((engine) => engine.close()));
      await dht.close();
      await removeFolder(folder);
    },
  };
}

/** A conversation that the first engine made and the other was invited to and joined, with one head. */
export async function shareConversation(
  first: Engine,
  other: Engine,
): Promise<readonly [ConversationHandle, ConversationHandle]> {
  const founded = await first.conversations.create({ title: 'Garden' });
  const joined = await bringIn(founded, other);
  await until(() => haveOneHead(first, other));
  return [founded, joined];
}

/** Invites the engine's account; resolves when it has joined. */
export async function bringIn(conversation: ConversationHandle, newcomer: Engine): Promise<ConversationHandle> {
  await conversation.invite(newcomer.account.uri);
  await until(() => newcomer.conversations.invitations().some((one) => one.conversation === conversation.id));
  return newcomer.conversations.join(conversation.id);
}

/** Whether the engines' only conversations agree. */
export function haveOneHead(...engines: readonly Engine[]): boolean {
  return new Set(engines.map(({ conversations }) => conversations.list()[0]?.head)).size === 1;
}

/** What is read, oldest first. */
export function bodies(page: TimelinePage): readonly string[] {
  return page.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.body] : [])).toReversed();
}

/** Everything a conversation, or an engine, tells from now on, until disposed. */
export function listen<Change>(teller: {
  changes(options: { readonly signal: AbortSignal }): AsyncIterable<Change>;
}): Disposable & { readonly heard: readonly Change[] } {
  const over = new AbortController();
  const heard: Change[] = [];
  const changes = teller.changes({ signal: over.signal });
  void (async () => {
    for await (const change of changes) heard.push(change);
  })();
  return { heard, [Symbol.dispose]: () => over.abort() };
}
