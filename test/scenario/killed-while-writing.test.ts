import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openRepository } from '../../src/conversation/repository/repository-adapter.ts';
import { CommitId } from '../../src/ids.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { reachableFrom } from '../support/git/git-objects.ts';
import { fsck, git } from '../support/git/stock-git.ts';
import { describeNeeding, stockGit } from '../support/runner/needs.ts';

const WRITER = fileURLToPath(new URL('../support/conversation/write-commits-process.ts', import.meta.url));

/** Runs the writer until it has moved the head `moves` times, lets it go on for so many turns of our own event loop, and kills it. */
async function killedAfter(directory: string, { moves, turns }: { moves: number; turns: number }): Promise<CommitId> {
  const writer = spawn(process.execPath, ['--import', 'tsx', WRITER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => writer.on('close', resolve));
  const heads: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    heads.push(line);
    if (heads.length === moves) break;
  }
  // A different place in the writer's round each time; where exactly is up to the machine.
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  writer.kill('SIGKILL');
  await ended;
  return CommitId.parse(heads.at(-1));
}

describeNeeding(stockGit, 'a process killed while it writes', () => {
  it('leaves a repository that git finds clean and that goes on', async () => {
    const directory = await temporaryDirectory();
    for (let round = 0; round < 5; round++) {
      const reported = await killedAfter(directory, { moves: 2 + round, turns: round * 700 });
      await using repository = await openRepository(directory);
      const head = await repository.head();
      if (head === undefined) throw new TypeError('the head is lost');
      // Whatever was reported is still there, and all that the head needs.
      expect(await reachableFrom(repository.objects, head)).toContain(reported);
      expect(await fsck(directory)).toBe('');
      await repository.checkOut();
      expect((await git(directory, 'status', '--porcelain')).stdout).toBe('');
    }
  });
});
