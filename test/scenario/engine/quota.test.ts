import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversationHandle } from '../../../src/engine/engine.ts';
import type { Policy } from '../../../src/projections/policy/policy.ts';
import { createTestEngines, shareConversation } from '../../support/engine/engines.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { until } from '../../support/time/until.ts';

const SIZE = 300_000;

async function picture(name: string): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, randomBytes(SIZE));
  return path;
}

/** Alice sends two pictures, one after the other; Bob's policy has room for one. */
async function twoPictures(engines: Awaited<ReturnType<typeof createTestEngines>>, policy: Partial<Policy>) {
  const options = { policy: { auto: 'pictures', quota: { total: 1.5 * SIZE }, ...policy } } as const;
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob', options)]);
  const [atAlice, atBob] = await shareConversation(alice, bob);
  const folder = join(await engines.home('bob'), 'conversation_data', atBob.id);
  const send = async (name: string) => {
    const { fileId, interaction } = await atAlice.sendFile(await picture(name));
    return { interaction: interaction.id, isThere: () => existsSync(join(folder, fileId)) };
  };
  const first = await send('first.png');
  await until(() => first.isThere() && atBob.missing().length === 0);
  return { atBob, first, second: await send('second.png') };
}

const ruleOn = (handle: ConversationHandle, interaction: string) =>
  handle.missing().find((file) => file.interaction === interaction)?.rule;

describe('a quota', () => {
  it('holds back what does not fit, until there is room or the user asks for it', async () => {
    await using engines = await createTestEngines();
    const { atBob, first, second } = await twoPictures(engines, {});
    await until(() => ruleOn(atBob, second.interaction) === 'over-quota');
    expect(atBob.explainPolicy(second.interaction)).toMatchObject({
      ...{ fetch: false, rule: 'over-quota', type: 'picture', links: ['lan'] },
      says: 'it does not fit into the quota of all files',
      quota: { conversation: { held: SIZE }, total: { held: SIZE, limit: 1.5 * SIZE } },
    });
    atBob.accept(second.interaction);
    await until(() => second.isThere());
    expect(first.isThere()).toBe(true);
  });

  it('can be kept by removing what others hold; that stays away until it is asked for', async () => {
    await using engines = await createTestEngines();
    const { atBob, first, second } = await twoPictures(engines, { evict: true });
    await until(() => second.isThere() && !first.isThere());
    await until(() => ruleOn(atBob, first.interaction) === 'evicted');
    expect(atBob.explainPolicy(first.interaction)).toMatchObject({ fetch: false, rule: 'evicted' });
    atBob.accept(first.interaction);
    await until(() => first.isThere());
    expect(second.isThere()).toBe(true);
  });
});
