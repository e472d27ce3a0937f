import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversationHandle, Engine } from '../../../src/engine/engine.ts';
import { CHUNK_BYTES } from '../../../src/limits.ts';
import { bringIn, createTestEngines, haveOneHead, shareConversation } from '../../support/engine/engines.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { only } from '../../support/only.ts';
import { until } from '../../support/time/until.ts';

const BYTES = Buffer.alloc(3_000_000, 'tree');
/** A file of many chunks, and so few bytes a second that there is time to say something while it comes. */
const LONG = Buffer.alloc(10_000_000, 'trees');
const SLOW = 1_000_000;

async function localFile(name: string, bytes = BYTES): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, bytes);
  return path;
}

const transferOf = (handle: ConversationHandle, direction: 'receiving' | 'serving') =>
  only(handle.transfers().filter((transfer) => transfer.direction === direction));
const shareOf = (handle: ConversationHandle, engine: Engine) =>
  transferOf(handle, 'serving').subTransfers.find(({ peer }) => peer === engine.account.device);

describe('a file that is sent', () => {
  it('is offered to every device, and each decides for itself: the sender sees all of it', async () => {
    await using engines = await createTestEngines();
    const asking = { policy: { auto: 'nothing' } } as const;
    const [alice, bob, carol] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', asking),
      engines.start('carol', asking),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const atCarol = await bringIn(atAlice, carol);
    await until(() => haveOneHead(alice, bob, carol));

    const { interaction } = await atAlice.sendFile(await localFile('tree.png'));
    await until(() => [bob, carol].every((one) => shareOf(atAlice, one)?.phase === 'awaiting-acceptance'));
    expect(transferOf(atAlice, 'serving')).toMatchObject({ phase: 'awaiting-acceptance', where: 'there' });
    expect(transferOf(atBob, 'receiving')).toMatchObject({ phase: 'awaiting-acceptance', where: 'here' });

    atCarol.refuse(interaction.id);
    await until(() => shareOf(atAlice, carol)?.phase === 'refused');
    expect(transferOf(atAlice, 'serving').phase).toBe('awaiting-acceptance');
    expect(transferOf(atCarol, 'receiving')).toMatchObject({ phase: 'refused', by: 'us' });

    atBob.accept(interaction.id);
    await until(() => transferOf(atAlice, 'serving').phase === 'complete');
    expect(transferOf(atBob, 'receiving').phase).toBe('complete');
    expect(shareOf(atAlice, carol)?.phase).toBe('refused');
    expect(shareOf(atAlice, bob)).toMatchObject({ account: bob.account.uri, bytes: BYTES.length });

    atBob.pause(interaction.id);
    atCarol.retry(interaction.id);
    await until(() => transferOf(atCarol, 'receiving').phase === 'complete');
  });

  it('that its sender paused is not given, and goes on at once when the sender resumes', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy: { auto: 'nothing' } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const { interaction } = await atAlice.sendFile(await localFile('tree.png'));
    await until(() => shareOf(atAlice, bob)?.phase === 'awaiting-acceptance');
    atAlice.pause(interaction.id);
    expect(transferOf(atAlice, 'serving')).toMatchObject({ phase: 'paused', by: 'us' });
    atBob.accept(interaction.id);
    await until(() => only(atBob.missing()).says.includes('has paused it'));
    atAlice.resume(interaction.id);
    await until(() => transferOf(atBob, 'receiving').phase === 'complete');
  });

  it('stays paused over a restart, and goes on from what was here once it is resumed', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy: { auto: 'all' }, bandwidth: { down: SLOW } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const { interaction } = await atAlice.sendFile(await localFile('film.bin', LONG));
    // It is told of once a chunk is checked: only such a one stays.
    await until(() => atBob.transfers().some(({ inFlight }) => inFlight !== undefined));
    atBob.pause(interaction.id);
    await until(() => shareOf(atAlice, bob)?.phase === 'paused');
    expect(transferOf(atAlice, 'serving')).toMatchObject({ phase: 'paused', by: 'peer' });
    await bob.close();

    const again = await engines.start('bob', { policy: { auto: 'all' } });
    const handle = again.conversations.open(atBob.id);
    await until(() => again.links.length > 0);
    expect(transferOf(handle, 'receiving')).toMatchObject({ phase: 'paused', by: 'us' });
    handle.resume(interaction.id);
    await until(() => transferOf(handle, 'receiving').phase === 'complete');
    const { bytes } = only(transferOf(handle, 'receiving').subTransfers);
    expect(bytes).toBeLessThanOrEqual(LONG.length - CHUNK_BYTES);
  });

  it('that its sender cancels in the middle stops at once on both sides, and is given to nobody', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy: { auto: 'all' }, bandwidth: { down: SLOW } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const { interaction } = await atAlice.sendFile(await localFile('film.bin', LONG));
    await until(() => atBob.transfers().some(({ phase }) => phase === 'running'));
    atAlice.cancel(interaction.id);
    await until(() => transferOf(atBob, 'receiving').phase === 'cancelled');
    expect(transferOf(atAlice, 'serving').phase).toBe('cancelled');
    atBob.retry(interaction.id);
    await until(() => only(atBob.missing()).says.includes('does not give it away'));
    expect(transferOf(atBob, 'receiving').phase).not.toBe('complete');
  });

  it('stays cancelled over a restart, with nothing left of it, until somebody says retry', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy: { auto: 'all' }, bandwidth: { down: 200_000 } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const { interaction, fileId } = await atAlice.sendFile(await localFile('film.bin'));
    await until(() => atBob.transfers().some(({ phase }) => phase === 'running'));
    atBob.cancel(interaction.id);
    await until(() => shareOf(atAlice, bob)?.phase === 'cancelled');
    const partial = join(await engines.home('bob'), 'conversation_data', atBob.id, `${fileId}.tmp`);
    await until(() =>
      stat(partial).then(
        () => false,
        () => true,
      ),
    );
    await bob.close();

    const again = await engines.start('bob', { policy: { auto: 'all' } });
    const handle = again.conversations.open(atBob.id);
    await until(() => again.links.length > 0);
    expect(transferOf(handle, 'receiving').phase).toBe('cancelled');
    const { device } = bob.account;
    expect(transferOf(atAlice, 'serving')).toMatchObject({ phase: 'cancelled', by: 'peer', device });
    handle.retry(interaction.id);
    await until(() => transferOf(handle, 'receiving').phase === 'complete');
  });
});
