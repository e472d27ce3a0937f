import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLiveProgress } from '../../../../../src/engine/files/progress/live-progress.ts';
import type { SubTransferView, TransferView } from '../../../../../src/projections/transfers.ts';
import { person } from '../../../../support/engine/live-conversations.ts';
import { announcedFile } from '../../../../support/fetcher/announced-file.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const file = announcedFile(new Uint8Array(1000));
const [bob, carol] = [person(2).device, person(3).device];
const direction = 'receiving';

type Plain = 'running' | 'complete' | 'failed';
const stateOf = (phase: Plain) => (phase === 'failed' ? ({ phase, failure: 'silent' } as const) : { phase });

function share(peer: typeof bob, bytes: number, phase: Plain = 'running'): SubTransferView {
  return { peer, ...stateOf(phase), start: 0, bytes, startedAt: 0, lastAt: 0 };
}

function transfer(subTransfers: readonly SubTransferView[], phase: Plain | 'waiting' = 'running'): TransferView {
  const { conversation, interaction, fileId, displayName, author, totalSize } = file;
  const bytes = phase === 'complete' ? totalSize : Math.max(0, ...subTransfers.map((sub) => sub.bytes));
  const sources = subTransfers.filter((sub) => sub.phase === 'running').length;
  const names = { conversation, interaction, fileId, displayName, author };
  return {
    ...names,
    totalSize,
    direction,
    ...(phase === 'waiting' ? { phase } : stateOf(phase)),
    bytes,
    sources,
    subTransfers,
  };
}

function lab() {
  const clock = createVirtualClock();
  const progress = createLiveProgress(clock);
  return {
    ...{ clock, progress },
    note: (peer: typeof bob, bytes: number) => progress.note({ file, peer, direction, bytes }),
  };
}

describe('live progress', () => {
  it('goes beyond what is journalled, with rate and time left', async () => {
    const { clock, progress, note } = lab();
    note(bob, 100);
    await clock.advance(1000);
    note(bob, 300);
    const { bytes, bytesPerSecond, etaMs, subTransfers } = progress.refresh(transfer([share(bob, 50)]));
    expect(bytes).toBe(300);
    expect(bytesPerSecond).toBeCloseTo(200);
    expect((etaMs ?? 0) / 3500).toBeCloseTo(1, 2);
    expect(subTransfers).toMatchObject([{ bytes: 300, bytesPerSecond }]);
  });

  it('is verifying, and not complete, once all bytes have arrived', async () => {
    const { clock, progress, note } = lab();
    note(bob, 999);
    expect(progress.refresh(transfer([share(bob, 0)])).phase).toBe('running');
    await clock.advance(1000);
    note(bob, 1000);
    expect(progress.refresh(transfer([share(bob, 0)]))).toMatchObject({ phase: 'verifying', bytes: 999 });
    progress.noteFile({ file, verified: 900, inFlight: 100, sources: 1 });
    expect(progress.refresh(transfer([share(bob, 0)])).phase).toBe('running');
    progress.noteFile({ file, verified: 1000, inFlight: 0, sources: 1 });
    expect(progress.refresh(transfer([share(bob, 0)])).phase).toBe('verifying');
  });

  it('begins anew for a file that was complete and is lost', () => {
    const { progress, note } = lab();
    note(bob, 1000);
    progress.refresh(transfer([share(bob, 1000)]));
    progress.refresh(transfer([share(bob, 1000, 'complete')], 'complete'));
    const lost = { ...transfer([share(bob, 1000, 'complete')], 'waiting'), bytes: 0 };
    expect(progress.refresh(lost).bytes).toBe(0);
    const again = { ...transfer([share(bob, 1000, 'complete'), share(carol, 10)]), bytes: 10 };
    expect(progress.refresh(again).bytes).toBe(10);
  });

  it('begins anew for a file that was lost again before anybody looked', () => {
    const { progress } = lab();
    progress.noteFile({ file, verified: 500, inFlight: 0, sources: 1 });
    progress.refresh(transfer([share(bob, 0)]));
    progress.noteFile({ file, verified: 1000, inFlight: 0, sources: 1 });
    progress.forgetFile(file.interaction);
    const lost = { ...transfer([share(bob, 1000, 'complete')], 'waiting'), bytes: 0 };
    expect(progress.refresh(lost).bytes).toBe(0);
    expect(progress.refresh({ ...transfer([share(carol, 10)]), bytes: 10 }).bytes).toBe(10);
  });

  it('is never behind the journal', () => {
    const { progress, note } = lab();
    note(bob, 100);
    expect(progress.refresh(transfer([share(bob, 400)]))).toMatchObject({ bytes: 400, subTransfers: [{ bytes: 400 }] });
  });

  it('adds the rates of those that send at once, and says what is verified and under way', async () => {
    const { clock, progress, note } = lab();
    for (const peer of [bob, carol]) note(peer, 0);
    await clock.advance(1000);
    for (const peer of [bob, carol]) note(peer, 100);
    progress.noteFile({ file, verified: 150, inFlight: 70, sources: 1 });
    const view = progress.refresh(transfer([share(bob, 0), share(carol, 0)]));
    expect(view).toMatchObject({ bytes: 150, inFlight: 70, sources: 2 });
    expect(view.bytesPerSecond).toBeCloseTo(200);
  });

  it('counts what is sent by the device that will have it first', async () => {
    const { clock, progress } = lab();
    const sendTo = (peer: typeof bob, bytes: number) => progress.note({ file, peer, direction: 'serving', bytes });
    for (const peer of [bob, carol]) sendTo(peer, 0);
    await clock.advance(1000);
    sendTo(bob, 100);
    sendTo(carol, 500);
    const view = progress.refresh({ ...transfer([share(bob, 0), share(carol, 0)]), direction: 'serving' });
    expect(view.bytes).toBe(500);
    expect(view.bytesPerSecond).toBeCloseTo(600);
    expect((view.etaMs ?? 0) / 1000).toBeCloseTo(1, 1);
  });

  it('shows how far a device is that others send to as well, and when it will have the file', async () => {
    const { clock, progress } = lab();
    const serving = () => progress.refresh({ ...transfer([share(bob, 0)]), direction: 'serving' });
    const move = (bytes: number) => {
      progress.note({ file, peer: bob, direction: 'serving', bytes });
      progress.noteTold({ file, peer: bob, bytes: 4 * bytes });
    };
    move(0);
    await clock.advance(1000);
    move(100);
    const view = serving();
    expect(view).toMatchObject({ bytes: 400, subTransfers: [{ bytes: 100 }] });
    expect(view.bytesPerSecond, 'what leaves from here').toBeCloseTo(100);
    expect((view.etaMs ?? 0) / 1500).toBeCloseTo(1, 2);
    progress.forget({ interaction: file.interaction, peer: bob, direction: 'serving' });
    expect(serving()).toMatchObject({ bytes: 400, subTransfers: [{ bytes: 0 }] });
  });

  it('says nothing of shares that have ended, of other directions, and of what was forgotten', () => {
    const { progress, note } = lab();
    note(bob, 500);
    const ended = transfer([share(bob, 200, 'failed')], 'failed');
    expect(progress.refresh(ended)).toEqual(ended);
    const other: TransferView = { ...transfer([share(bob, 200)]), direction: 'serving' };
    expect(progress.refresh(other)).toEqual(other);
    progress.forget({ interaction: file.interaction, peer: bob, direction });
    const again = transfer([share(bob, 0)]);
    expect(progress.refresh(again)).toEqual(again);
  });

  it('keeps the last byte back until the file is complete', () => {
    const { progress, note } = lab();
    note(bob, 1000);
    expect(progress.refresh(transfer([share(bob, 1000)])).bytes).toBe(999);
    expect(progress.refresh(transfer([share(bob, 1000, 'complete')], 'complete')).bytes).toBe(1000);
  });

  it('begins anew once a transfer has failed', () => {
    const { progress } = lab();
    progress.refresh(transfer([share(bob, 900)]));
    progress.refresh(transfer([share(bob, 900, 'failed')], 'failed'));
    expect(progress.refresh(transfer([share(carol, 10)])).bytes).toBe(10);
  });

  it('never goes back over changes of sources, pauses and resumes, and never claims more than there is', async () => {
    const peers = fc.constantFrom(bob, carol);
    const bytes = fc.nat({ max: 1000 });
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('share' as const), peer: peers, bytes }),
        fc.record({ kind: fc.constant('file' as const), bytes }),
        fc.record({ kind: fc.constant('ended' as const), peer: peers }),
        fc.record({ kind: fc.constant('wait' as const), bytes }),
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { clock, progress, note } = lab();
        const running = new Map<typeof bob, number>();
        let before = 0;
        for (const step of all) {
          if (step.kind === 'share') {
            note(step.peer, step.bytes);
            running.set(step.peer, step.bytes);
          }
          if (step.kind === 'file') progress.noteFile({ file, verified: step.bytes, inFlight: 0, sources: 1 });
          if (step.kind === 'ended') {
            progress.forget({ interaction: file.interaction, peer: step.peer, direction });
            running.delete(step.peer);
          }
          if (step.kind === 'wait') await clock.advance(step.bytes);
          const shares = [...running.keys()].map((peer) => share(peer, 0));
          const view = progress.refresh(transfer(shares, shares.length > 0 ? 'running' : 'waiting'));
          expect(view.bytes).toBeGreaterThanOrEqual(before);
          expect(view.bytes).toBeLessThan(file.totalSize);
          expect(view.bytesPerSecond ?? 0).toBeGreaterThanOrEqual(0);
          expect(view.etaMs ?? 1).toBeGreaterThan(0);
          before = view.bytes;
        }
        expect(progress.refresh(transfer([], 'complete')).bytes).toBe(file.totalSize);
      }),
    );
  });
});
