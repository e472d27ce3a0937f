/** Those histories of `fixtures/conformance` whose packs are too large, as any other implementation would meet them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { cloneFrom } from '../../src/engine/commits/clone-from.ts';
import { serveGit } from '../../src/engine/commits/serve-git.ts';
import { CommitId } from '../../src/ids.ts';
import { makeOversizeKit } from '../support/conformance/kit.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { thrownBy } from '../support/thrown.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/conformance');
const Index = z.array(
  z.strictObject({
    ...{ name: z.string(), bundle: z.string(), head: CommitId },
    ...{ verdict: z.literal('refused'), rule: z.literal('R1'), commit: CommitId },
  }),
);
const text = await readFile(join(FOLDER, 'oversize.json'), 'utf8');

describe('a history beyond the limits of a pack', () => {
  it.each(Index.parse(JSON.parse(text)))(
    'is refused while it comes in: $name',
    async ({ bundle, head, rule, commit }) => {
      const server = await serveGit(join(FOLDER, bundle));
      onTestFinished(() => server[Symbol.asyncDispose]());
      const folder = await temporaryDirectory();
      const { data } = await thrownBy('HISTORY_REFUSED', () => cloneFrom(server.url, join(folder, 'cloned')));
      expect(data).toMatchObject({ head, rule, commit });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('is made again with the same ids, and there are two', async () => {
    const { bundles, index } = await makeOversizeKit();
    expect(index).toBe(text);
    expect(bundles.size).toBe(2);
  });
});
