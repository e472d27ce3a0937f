/** One run: a process of two engines is killed at one of its calls to the disk, and what it leaves is looked at and goes on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openHome } from '../../../src/engine/home/home-adapter.ts';
import { openJournal } from '../../../src/engine/journal/hypercore-adapter.ts';
import { loadDeviceKeys } from '../../../src/identity/account-store-adapter.ts';
import { checkLogs } from '../disk/check-logs.ts';
import { entriesUnder } from '../folders/entries-under.ts';
import { fsck } from '../git/stock-git.ts';
import { bundledScript } from '../runner/bundled-script.ts';
import { PEOPLE, type Person, tellStory } from './two-engines.ts';

/** In one file of JavaScript: threads load it, too, and now and then one begins before it can read TypeScript. */
export const killPreload = () => bundledScript(fileURLToPath(new URL('./kill-at-call.ts', import.meta.url)));
const VICTIM = fileURLToPath(new URL('./victim-process.ts', import.meta.url));

export interface KilledRun {
  /** Holds the homes `alice` and `bob` to start from, which are copied. */
  readonly homes: string;
  readonly bootstrap: string;
  /** An empty place for the run. */
  readonly folder: string;
  /** The call to be killed at; the process comes to its end when it makes fewer. */
  readonly at: number;
}

export interface KilledResult {
  readonly at: number;
  readonly wasKilled: boolean;
  /** Calls of the main thread, when it came to its end. */
  readonly calls: number | undefined;
  /** Commits that had been promised when it was killed. */
  readonly promised: number;
}

/** Throws what is wrong with what is left. */
export async function killedRun({ homes, bootstrap, folder, at }: KilledRun): Promise<KilledResult> {
  cpSync(homes, folder, { recursive: true });
  const { wasKilled, promised } = await runVictim({ folder, bootstrap, at });
  for (const person of PEOPLE) await checkHome(join(folder, person), promised.get(person) ?? []);
  await tellStory({ folder, bootstrap, round: 2, promise: () => {} });
  for (const person of PEOPLE) requireNothingLeft(join(folder, person));
  const count = join(folder, 'calls');
  const calls = existsSync(count) ? Number(readFileSync(count, 'utf8')) : undefined;
  const total = [...promised.values()].reduce((sum, { length }) => sum + length, 0);
  rmSync(folder, { recursive: true, maxRetries: 20 });
  return { at, wasKilled, calls, promised: total };
}

interface Victim extends Pick<KilledRun, 'folder' | 'bootstrap' | 'at'> {}

async function runVictim({ folder, bootstrap, at }: Victim) {
  await using preload = await killPreload();
  const imports = ['--import', 'tsx', '--import', pathToFileURL(preload.path).href];
  const child = spawn(process.execPath, [...imports, VICTIM, folder, bootstrap], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, KILL_IN: folder, KILL_AT: String(at), KILL_COUNT: join(folder, 'calls') },
  });
  const promised = new Map<Person, string[]>(PEOPLE.map((person) => [person, []]));
  let said = '';
  child.stdout.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal !== 'SIGKILL' && code !== 0) throw new TypeError(`the process ended with ${code ?? signal}`);
  for (const line of said.split('\n')) {
    const [person, commit = ''] = line.split(' ');
    for (const one of PEOPLE) if (one === person) promised.get(one)?.push(commit);
  }
  return { wasKilled: signal === 'SIGKILL', promised };
}

/** As the next engine finds it: the journal opens, nothing promised is gone, git finds nothing, and it can be written. */
async function checkHome(home: string, promised: readonly string[]): Promise<void> {
  const keys = await loadDeviceKeys(home, { now: Date.now() });
  await using journal = await openJournal(join(home, 'journal'));
  for await (const { record } of journal.read(0)) if (record.kind === undefined) throw new TypeError('no record');
  const { conversationsDirectory } = await openHome(home);
  for (const name of readdirSync(conversationsDirectory)) {
    const found = await fsck(join(conversationsDirectory, name));
    if (found !== '') throw new TypeError(`git says: ${found}`);
  }
  await checkLogs(conversationsDirectory, { keys, promised });
}

function requireNothingLeft(home: string): void {
  const left = entriesUnder(home, ['objects', 'db']).filter((name) => /\.(tmp|lock|staged)$|tmp_obj_/.test(name));
  if (left.length > 0) throw new TypeError(`left behind: ${left.join(', ')}`);
}
