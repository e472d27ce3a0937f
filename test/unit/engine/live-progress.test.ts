import { describe, expect, it } from 'vitest';
import { createLiveProgress } from '../../../src/engine/live-progress.ts';
import type { SubTransferView, TransferView } from '../../../src/projections/transfers.ts';
import { announcedFile } from '../../support/announced-file.ts';
import { person } from '../../support/live-conversations.ts';

const file = announcedFile(new Uint8Array(1000));
const [bob, carol] = [person(2).device, person(3).device];
const direction = 'receiving';

function share(peer: typeof bob, bytes: number, phase: SubTransferView['phase'] = 'running'): SubTransferView {
  return { peer, phase, start: 0, bytes, startedAt: 0, lastAt: 0 };
}

function transfer(subTransfers: readonly SubTransferView[], phase: TransferView['phase'] = 'running'): TransferView {
  const { conversation, interaction, fileId, displayName, totalSize } = file;
  const bytes = Math.max(0, ...subTransfers.map((sub) => sub.bytes));
  return { conversation, interaction, fileId, displayName, totalSize, direction, phase, bytes, subTransfers };
}

describe('live progress', () => {
  it('goes beyond what is journalled, with rate and time left', () => {
    const progress = createLiveProgress();
    progress.note({ file, peer: bob, direction, bytes: 100 }, 0);
    progress.note({ file, peer: bob, direction, bytes: 300 }, 1000);
    expect(progress.refresh(transfer([share(bob, 50)]))).toMatchObject({
      ...{ bytes: 300, bytesPerSecond: 200, etaMs: 3500 },
      subTransfers: [{ bytes: 300, bytesPerSecond: 200 }],
    });
  });

  it('is never behind the journal', () => {
    const progress = createLiveProgress();
    progress.note({ file, peer: bob, direction, bytes: 100 }, 0);
    expect(progress.refresh(transfer([share(bob, 400)]))).toMatchObject({ bytes: 400, subTransfers: [{ bytes: 400 }] });
  });

  it('adds the rates of those that send at once', () => {
    const progress = createLiveProgress();
    for (const peer of [bob, carol]) {
      progress.note({ file, peer, direction, bytes: 0 }, 0);
      progress.note({ file, peer, direction, bytes: 100 }, 1000);
    }
    expect(progress.refresh(transfer([share(bob, 0), share(carol, 0)]))).toMatchObject({ bytesPerSecond: 200 });
  });

  it('says nothing of shares that have ended, of other directions, and of what was forgotten', () => {
    const progress = createLiveProgress();
    progress.note({ file, peer: bob, direction, bytes: 500 }, 0);
    const ended = transfer([share(bob, 200, 'failed')], 'failed');
    expect(progress.refresh(ended)).toEqual(ended);
    const other: TransferView = { ...transfer([share(bob, 200)]), direction: 'serving' };
    expect(progress.refresh(other)).toEqual(other);
    progress.forget({ interaction: file.interaction, peer: bob, direction });
    const again = transfer([share(bob, 0)]);
    expect(progress.refresh(again)).toEqual(again);
  });
});
