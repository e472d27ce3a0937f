import { describe, expect, it } from 'vitest';
import { createPlanner } from '../../../../../src/engine/files/fetch/planner.ts';
import { createLiveProgress } from '../../../../../src/engine/files/progress/live-progress.ts';
import { waitingViews } from '../../../../../src/engine/files/views/waiting-views.ts';
import { openJournalKeeper } from '../../../../../src/engine/journal/journal-keeper.ts';
import { announcedFiles } from '../../../../../src/projections/files.ts';
import { createFakeNet, person, settled, writtenGroup } from '../../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../../support/engine/memory-journal.ts';
import { announcedFile, sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { testAccount } from '../../../../support/identity/accounts.ts';
import { quietLog } from '../../../../support/net/nets.ts';
import { only } from '../../../../support/only.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const bob = person(2);

/** A file that Bob announced and is asked for. */
async function lab() {
  const keys = await testAccount('alice');
  const { conversation, write } = await writtenGroup();
  write(
    { kind: 'file-announced', displayName: 'a.png', totalSize: 1000, sha3sum: sha3Of(Buffer.from('a')), tid: '7' },
    2,
  );
  await conversation.refold();
  const [net, clock, keeper] = [
    createFakeNet(),
    createVirtualClock(),
    await openJournalKeeper(memoryJournal(), quietLog),
  ];
  const planner = createPlanner({
    ...{ self: keys, policy: { auto: 'all' }, net, clock, log: quietLog, signal: new AbortController().signal },
    ...{ disk: { free: () => undefined }, journal: keeper.state, request: () => new Promise<void>(() => {}) },
    onPlanned: () => {},
  });
  keeper.listen(planner.note);
  planner.follow(conversation);
  net.up(bob);
  await settled();
  const live = new Map([[conversation.id, conversation]]);
  const progress = createLiveProgress(clock);
  const { interaction, fileId } = only([...announcedFiles(conversation.states().files)]);
  const about = { conversation: conversation.id, interaction, fileId };
  const share = { ...about, peer: bob.device, direction: 'receiving' } as const;
  const file = { ...announcedFile(new Uint8Array(1000)), ...about };
  return {
    shown: () => only(waitingViews(live, { keys, keeper, planner, progress, live, clock })),
    begin: () => keeper.record({ kind: 'sub-transfer-started', ...share, start: 0, at: clock.now() }),
    async arrive(bytes: number) {
      progress.note({ ...share, file, bytes });
      await clock.advance(10);
    },
    end: () =>
      keeper.record({ kind: 'sub-transfer-ended', ...share, outcome: 'wrong-digest', bytes: 0, at: clock.now() }),
  };
}

describe('what is shown of a missing file', () => {
  it('counts bytes as they arrive, before the journal knows of them, and all but the last until it is verified', async () => {
    const { shown, begin, arrive } = await lab();
    expect(shown()).toMatchObject({ state: 'missing', bytes: 0 });
    begin();
    expect(shown()).toMatchObject({ state: 'missing', bytes: 0, waitsFor: { step: 'receive' } });
    await arrive(400);
    expect(shown()).toMatchObject({ state: 'partial', bytes: 400 });
    await arrive(1000);
    expect(shown()).toMatchObject({ state: 'partial', bytes: 999 });
  });

  it('counts nothing of what was thrown away', async () => {
    const { shown, begin, arrive, end } = await lab();
    begin();
    await arrive(400);
    end();
    expect(shown()).toMatchObject({ state: 'missing', bytes: 0 });
  });
});
