import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { createDraw } from '../../fuzz/draw.ts';
import { createTestEngines, shareConversation } from '../engines.ts';
import { removeFolderSync } from '../remove-folder.ts';
import { killedRun } from './killed-run.ts';
import { PEOPLE } from './two-engines.ts';

export interface KillProcesses {
  readonly kills: number;
  readonly seed: number;
  readonly print: (result: object) => void;
}

/** Kills at so many drawn calls, each in a process of its own; the first run comes to its end and counts them. Returns what did not hold. */
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
    const draw = createDraw(seed);
    for (let left = kills; left > 0; left--) {
      const at = 1 + draw.below(calls);
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
