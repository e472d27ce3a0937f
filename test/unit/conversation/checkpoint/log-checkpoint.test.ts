import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLogCheckpoint } from '../../../../src/conversation/checkpoint/log-checkpoint-adapter.ts';
import type { UnlinkedInteraction } from '../../../../src/conversation/log/interaction-of.ts';
import type { Rows } from '../../../../src/conversation/log/interaction-store.ts';
import { decode } from '../../../../src/events/decode.ts';
import { encode } from '../../../../src/events/encode.ts';
import { ConversationId } from '../../../../src/ids.ts';
import { formatSegment, parseSegment } from '../../../../src/segment.ts';
import { rowsOf, saidIn } from '../../../support/conversation/rows.ts';
import { ANY_EVENT } from '../../../support/events/events.ts';
import { account, commitId, device } from '../../../support/events/interactions.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';

const id = ConversationId.parse('c'.repeat(40));

/** What the texts of commits are read as. */
const contents = fc.oneof(
  fc.oneof(...Object.values(ANY_EVENT)).map((event) => decode(encode(event))),
  fc
    .constantFrom('{"type":"later","at":-0,"big":1e999,"__proto__":{"a":1}}', 'no JSON', "Merge commit 'x'")
    .map(decode),
);

function interactionsOf(count: number, from = 0): UnlinkedInteraction[] {
  return Array.from({ length: count }, (_, row) =>
    said(from + row, { type: 'text/plain', body: `message ${from + row}` }),
  );
}

function said(row: number, body: object): UnlinkedInteraction {
  const content = decode(JSON.stringify(body));
  const parents = row === 0 ? [] : [commitId(row - 1)];
  return { id: commitId(row), parents, author: account(row % 3), device: device(row % 5), committedAt: row, content };
}

async function checkpointIn(directory: string) {
  const checkpoint = openLogCheckpoint(directory, id);
  const stretches: Rows[] = [];
  for await (const some of checkpoint.load()) stretches.push(some);
  return { checkpoint, loaded: saidIn(stretches) };
}

async function directoryWithCheckpoint(interactions: readonly UnlinkedInteraction[]) {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, '.git'));
  const { checkpoint } = await checkpointIn(directory);
  // Two segments, or more.
  await checkpoint.append(rowsOf(interactions.slice(0, interactions.length >> 1)));
  await checkpoint.append(rowsOf(interactions.slice(interactions.length >> 1)));
  return { directory, path: join(directory, '.git', 'swarmlog-checkpoint') };
}

describe('a segment', () => {
  it('gives back what was said, whatever it was', () => {
    const rows = fc.array(fc.record({ content: contents, hasAuthor: fc.boolean() }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(rows, (all) => {
        const interactions = all.map(({ content, hasAuthor }, row): UnlinkedInteraction => {
          const { author, ...rest } = said(row, {});
          return { ...rest, ...(hasAuthor && author && { author }), content };
        });
        const bytes = formatSegment(rowsOf(interactions)[0] ?? expect.fail('no rows'));
        const segment = parseSegment(Buffer.concat([bytes, bytes]), bytes.byteLength) ?? expect.fail('no segment');
        expect(segment.end).toBe(2 * bytes.byteLength);
        expect(saidIn([segment.value as Rows])).toStrictEqual(interactions);
      }),
    );
  });
});

describe('the checkpoint of a log', () => {
  it('gives back what was kept, and can be gone on with', async () => {
    const interactions = interactionsOf(20);
    const { directory } = await directoryWithCheckpoint(interactions);
    const { checkpoint, loaded } = await checkpointIn(directory);
    expect(loaded).toStrictEqual(interactions);
    await checkpoint.append(rowsOf(interactionsOf(1, 20)));
    expect((await checkpointIn(directory)).loaded).toStrictEqual(interactionsOf(21));
  });

  it('gives back what comes before the first damage, and is mended by the next that is kept', async () => {
    const interactions = interactionsOf(20);
    const { directory, path } = await directoryWithCheckpoint(interactions);
    const whole = await readFile(path);
    const damage = fc.oneof(
      fc.nat(whole.length - 1).map((at) => () => truncate(path, at)),
      fc.nat(whole.length - 1).map((at) => () => writeFile(path, flipped(whole, at))),
      fc.uint8Array({ minLength: 1 }).map((more) => () => appendFile(path, more)),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (spoil) => {
        await writeFile(path, whole);
        await spoil();
        const { checkpoint, loaded } = await checkpointIn(directory);
        expect(loaded).toStrictEqual(interactions.slice(0, loaded.length));
        await checkpoint.append(rowsOf(interactions.slice(loaded.length)));
        expect((await checkpointIn(directory)).loaded).toStrictEqual(interactions);
      }),
      { numRuns: 25 },
    );
  });

  it('holds nothing for another conversation, and nothing once it was dropped', async () => {
    const { directory } = await directoryWithCheckpoint(interactionsOf(4));
    const other = openLogCheckpoint(directory, ConversationId.parse('d'.repeat(40)));
    for await (const some of other.load()) expect.fail(`it gave ${some.headed.length}`);
    const { checkpoint } = await checkpointIn(directory);
    await checkpoint.drop();
    expect((await checkpointIn(directory)).loaded).toEqual([]);
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
