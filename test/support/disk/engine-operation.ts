/** A whole engine: it starts on its home, finds another device, pulls, merges, checks out, speaks, and ends. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { openHome } from '../../../src/engine/home/home-adapter.ts';
import { openJournal } from '../../../src/engine/journal/hypercore-adapter.ts';
import { loadDeviceKeys } from '../../../src/identity/account-store-adapter.ts';
import { AccountUri } from '../../../src/ids.ts';
import { createTestEngines, haveOneHead, shareConversation } from '../engine/engines.ts';
import { entriesUnder } from '../folders/entries-under.ts';
import { fsck } from '../git/stock-git.ts';
import { only } from '../only.ts';
import { until } from '../time/until.ts';
import { checkLogs } from './check-logs.ts';
import type { DiskOperation, OperationStage } from './disk-operation.ts';

export interface EngineStage extends AsyncDisposable {
  readonly operation: DiskOperation;
}

/** Two devices that have both gone on by themselves, in what was said and in what the work tree holds. One of them runs. */
export async function makeEngineStage(folder: string): Promise<EngineStage> {
  const engines = await createTestEngines();
  const started = { alice: await engines.start('alice'), bob: await engines.start('bob') };
  await shareConversation(started.alice, started.bob);
  // It falls to the smaller id to merge.
  const isAlice = started.alice.account.device < started.bob.account.device;
  const [stopped, other] = isAlice ? (['alice', 'bob'] as const) : (['bob', 'alice'] as const);
  await started[other].close();
  await goOn(started[stopped], 1);
  await started[stopped].close();
  const home = join(folder, 'home');
  cpSync(await engines.home(stopped), home, { recursive: true });
  const running = await engines.start(other);
  await goOn(running, 2);
  const { bootstrap } = engines;
  return {
    operation: {
      unseen: join('journal', 'db'),
      prepare: (directory) => cpSync(home, directory, { recursive: true }),
      run: (directory, stage) => runEngine({ home: directory, bootstrap }, running, stage),
      check: checkHome,
    },
    [Symbol.asyncDispose]: () => engines[Symbol.asyncDispose](),
  };
}

const conversationOf = (engine: Engine) => engine.conversations.open(only(engine.conversations.list()).conversation);

/** Says something, and invites somebody, whose certificate stands in the work tree from then on. */
async function goOn(engine: Engine, invited: number): Promise<void> {
  const conversation = conversationOf(engine);
  await conversation.send(`to ${invited}`);
  await conversation.invite(AccountUri.parse(invited.toString(16).padStart(40, '0')));
}

async function runEngine(
  options: { readonly home: string; readonly bootstrap: readonly string[] },
  other: Engine,
  { promise }: OperationStage,
): Promise<void> {
  await using engine = await createEngine(options);
  await until(() => haveOneHead(engine, other));
  promise(only(engine.conversations.list()).head);
  promise((await conversationOf(engine).send('here I am')).id);
}

/** An engine starts and speaks; all that was promised or journalled is in its log; git finds nothing; nothing lies about. */
async function checkHome(home: string, promised: readonly string[]): Promise<void> {
  {
    await using engine = await createEngine({ home, bootstrap: [] });
    await conversationOf(engine).send('here again');
  }
  const keys = await loadDeviceKeys(home, { now: Date.now() });
  const { conversationsDirectory } = await openHome(home);
  for (const name of entriesUnder(conversationsDirectory, ['.git']).filter((entry) => !entry.includes('/'))) {
    const found = await fsck(join(conversationsDirectory, name));
    if (found !== '') throw new TypeError(`git says: ${found}`);
  }
  await checkLogs(conversationsDirectory, { keys, promised: [...promised, ...(await admittedIn(home))] });
  const left = entriesUnder(home, ['objects', 'db']).filter((name) => /\.(tmp|lock|staged)$|tmp_obj_/.test(name));
  if (left.length > 0) throw new TypeError(`left behind: ${left.join(', ')}`);
}

async function admittedIn(home: string): Promise<readonly string[]> {
  await using journal = await openJournal(join(home, 'journal'));
  const admitted: string[] = [];
  for await (const { record } of journal.read(0)) if (record.kind === 'commit-admitted') admitted.push(record.commit);
  return admitted;
}
