import { describe, expect, it } from 'vitest';
import { createLiveProgress } from '../../../../../src/engine/files/progress/live-progress.ts';
import { waitingViews } from '../../../../../src/engine/files/views/waiting-views.ts';
import { announcedFiles } from '../../../../../src/projections/files.ts';
import { person, settled } from '../../../../support/engine/live-conversations.ts';
import { plannedGroup } from '../../../../support/engine/planned-group.ts';
import { announcedFile, sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { only } from '../../../../support/only.ts';

const bob = person(2);

/** A file that Bob announced and is asked for. */
async function lab() {
  const group = await plannedGroup((write) =>
    write(
      { kind: 'file-announced', displayName: 'a.png', totalSize: 1000, sha3sum: sha3Of(Buffer.from('a')), tid: '7' },
      2,
    ),
  );
  const { conversation, live, net, clock, keeper } = group;
  net.up(bob);
  await settled();
  const progress = createLiveProgress(clock);
  const { interaction, fileId } = only([...announcedFiles(conversation.states().files)]);
  const about = { conversation: conversation.id, interaction, fileId };
  const share = { ...about, peer: bob.device, direction: 'receiving' } as const;
  const file = { ...announcedFile(new Uint8Array(1000)), ...about };
  return {
    shown: () => only(waitingViews(live, { ...group, progress })),
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
