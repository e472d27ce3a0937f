import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import * as isomorphicGit from 'isomorphic-git';
import { expect, it } from 'vitest';
import { resolveRef } from '../../../../src/conversation/repository/isomorphic-git-adapter.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';

const fs = { promises: await import('node:fs/promises') };
const [BRANCH, OTHER] = ['refs/heads/main', 'refs/heads/my-other'];
const id = fc.constantFrom('1', '2', 'a').map((digit) => digit.repeat(40));
const branches = fc.record({ [BRANCH]: id, [OTHER]: id }, { requiredKeys: [] });
const repository = fc.record({
  head: fc.oneof(id, fc.constantFrom(`ref: ${BRANCH}`, `ref: ${OTHER}`, 'ref: refs/heads/none', 'ref: HEAD2')),
  loose: branches,
  packed: fc.option(branches, { nil: undefined }),
});

it('reads a reference as the package does, wherever it stands', async () => {
  await fc.assert(
    fc.asyncProperty(repository, fc.constantFrom('HEAD', BRANCH, OTHER), async ({ head, loose, packed }, ref) => {
      const gitdir = await temporaryDirectory();
      const write = async (path: string, text: string) => {
        await mkdir(dirname(join(gitdir, path)), { recursive: true });
        await writeFile(join(gitdir, path), `${text}\n`);
      };
      await write('HEAD', head);
      await write('HEAD2', `ref: ${BRANCH}`);
      for (const [name, at] of Object.entries(loose)) await write(name, at ?? '');
      if (packed) {
        const lines = Object.entries(packed).flatMap(([name, at]) => [`${at} ${name}`, `^${'f'.repeat(40)}`]);
        await write('packed-refs', ['# pack-refs with: peeled fully-peeled sorted', ...lines].join('\n'));
      }
      const byPackage = await isomorphicGit.resolveRef({ fs, gitdir, ref }).catch(() => undefined);
      expect(await resolveRef(gitdir, ref)).toBe(byPackage);
    }),
  );
});
