import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { createDraw } from '../../fuzz/draw.ts';
import { createTestEngines, shareConversation } from '../engine/engines.ts';
import { removeFolderSync } from '../folders/remove-folder.ts';
import { killedRun } from './killed-run.ts';
import { PEOPLE } from './two-engines.ts';

export interface KillProcesses {
  /** So many drawn calls, or every call there is. */
  readonly kills: number | 'every';
  readonly seed: number;
  readonly print: (result: object) => void;
}

/** Kills at calls, each in a process of its own; the first run comes to its end and counts them. Returns what did not hold. */
export async function killProcesses({ kills, seed, print }: KillProcesses): Promise<readonly string[]> {
  if (kills === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'swarmlog-kills-'));
  await using engines = await createTestEngines();
  const homes = join(folder, 'homes');
  const [bootstrap = ''] = engines.bootstrap;
  {
    await using alice = await engines.start('alice');
    await using bob = await engines.start('bob');
    await shareConversation(alice, bob);
  }
  for (const person of PEOPLE) cpSync(await engines.home(person), join(homes, person), { recursive: true });
  const run = (at: number) => killedRun({ homes, bootstrap, folder: join(folder, `run-${at}`), at });
  const flaws: string[] = [];
  try {
    const { calls = 0 } = await run(0);
    print({ calls });
    for (const at of callsToKillAt(calls, { kills, seed })) {
      await run(at).then(print, (error: unknown) => {
        flaws.push(`killed at call ${at}: ${messageOf(error)}`);
        print({ at, flaw: messageOf(error) });
        removeFolderSync(join(folder, `run-${at}`));
      });
    }
  } finally {
    removeFolderSync(folder);
  }
  return flaws;
}

function callsToKillAt(calls: number, { kills, seed }: Pick<KillProcesses, 'kills' | 'seed'>): readonly number[] {
  if (kills === 'every') return Array.from({ length: calls }, (_, at) => at + 1);
  const draw = createDraw(seed);
  return Array.from({ length: kills }, () => 1 + draw.below(calls));
}
