import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tellSubscribers } from '../../../../../src/engine/conversations/tell-subscribers.ts';
import type { EngineChange } from '../../../../../src/engine/engine.ts';
import { createFeed } from '../../../../../src/engine/feed.ts';
import { createLiveProgress } from '../../../../../src/engine/files/progress/live-progress.ts';
import { createTransferNews } from '../../../../../src/engine/files/progress/transfer-news.ts';
import { transferViews } from '../../../../../src/engine/files/views/transfer-views.ts';
import { openJournalKeeper } from '../../../../../src/engine/journal/journal-keeper.ts';
import { PROGRESS_PER_SECOND } from '../../../../../src/limits.ts';
import { announcedFiles } from '../../../../../src/projections/files.ts';
import { LivePlan } from '../../../../../src/projections/plan/live-plan.ts';
import type { TransferView } from '../../../../../src/projections/transfers.ts';
import { person, writtenGroup } from '../../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../../support/engine/memory-journal.ts';
import { announcedFile, sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { testAccount } from '../../../../support/identity/accounts.ts';
import { only } from '../../../../support/only.ts';
import { quietLog } from '../../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const SIZE = 1000;
const PEERS = [person(2).device, person(4).device] as const;
const direction = 'receiving';
const keys = await testAccount('alice');

/** A file that person 2 announced and that is received here; what subscribers are told of it, and when. */
async function lab() {
  const group = await writtenGroup();
  const { id: interaction } = group.write(
    { kind: 'file-announced', displayName: 'a.pdf', totalSize: SIZE, sha3sum: sha3Of(Buffer.from('a')), tid: '7' },
    2,
  );
  await group.conversation.refold();
  const { conversation } = group;
  const clock = createVirtualClock();
  const keeper = await openJournalKeeper(memoryJournal(), quietLog);
  const plan = new LivePlan({ self: keys, policy: { auto: 'all' }, journal: keeper.state, linked: () => [] });
  const { states } = conversation;
  plan.follow({ conversation: conversation.id, ...states() });
  const planner = { world: () => plan.world(clock.now()), named: () => [] };
  const told: { readonly at: number; readonly transfer: TransferView }[] = [];
  const feed = {
    ...createFeed<EngineChange>(),
    isRead: () => true,
    publish({ change }: EngineChange) {
      if (change.kind === 'transfer') told.push({ at: clock.now(), transfer: change.transfer });
    },
  };
  const live = new Map([[conversation.id, conversation]]);
  const { signal } = new AbortController();
  const parts = { keys, keeper, planner, progress: createLiveProgress(clock), live, feed, clock, signal };
  const news = createTransferNews(parts);
  keeper.listen((records) => tellSubscribers(records, { ...parts, news }));
  const { fileId } = only([...announcedFiles(states().files)]);
  const about = { conversation: conversation.id, interaction, fileId };
  const file = { ...announcedFile(new Uint8Array(SIZE)), ...about };
  return {
    clock,
    keeper,
    news,
    progress: parts.progress,
    told,
    about,
    file,
    phase: () => transferViews(conversation, parts).at(0)?.phase,
  };
}
type Lab = Awaited<ReturnType<typeof lab>>;

const peers = fc.constantFrom(...PEERS);
const bytes = fc.nat({ max: SIZE });
const steps: fc.Arbitrary<(lab: Lab) => unknown> = fc.oneof(
  peers.map((peer) => ({ keeper, about, clock }: Lab) => {
    keeper.record({ kind: 'sub-transfer-started', ...about, peer, direction, start: 0, at: clock.now() });
  }),
  peers.map((peer) => ({ keeper, about, clock }: Lab) => {
    const outcome = 'interrupted';
    keeper.record({ kind: 'sub-transfer-ended', ...about, peer, direction, outcome, bytes: 0, at: clock.now() });
  }),
  fc.tuple(peers, bytes).map(([peer, count]) => ({ progress, news, file }: Lab) => {
    progress.note({ file, peer, direction, bytes: count });
    news.moved(file, direction);
  }),
  bytes.map((verified) => ({ progress, news, file }: Lab) => {
    progress.noteFile({ file, verified, inFlight: 0, sources: 1 });
    if (verified === SIZE) news.arrived(file);
    else news.moved(file, direction);
  }),
  fc.nat({ max: 200 }).map(
    (ms) =>
      ({ clock }: Lab) =>
        clock.advance(ms),
  ),
);

describe('the news of a transfer', () => {
  it('comes ten times in any second at most, never goes back, and ends with how it is; all bytes are there once verified', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 80 }), fc.boolean(), async (all, isVerified) => {
        const it = await lab();
        for (const step of all) await step(it);
        const stamp = { size: SIZE, mtimeMs: 0, inode: 0, at: it.clock.now() };
        if (isVerified) it.keeper.record({ kind: 'file-verified', ...it.about, ...stamp });
        await it.clock.advance(1000);
        for (const { at } of it.told) {
          const second = it.told.filter((other) => other.at >= at && other.at < at + 1000);
          expect(second.length).toBeLessThanOrEqual(PROGRESS_PER_SECOND);
        }
        const shown = it.told.map(({ transfer }) => transfer);
        for (const [at, { bytes, phase }] of shown.entries()) {
          expect(bytes).toBeGreaterThanOrEqual(shown[at - 1]?.bytes ?? 0);
          expect(bytes === SIZE).toBe(phase === 'complete');
        }
        const last = shown.at(-1);
        // One of which nothing ever moved is no transfer any more once the file is here.
        const phase = it.phase();
        if (phase) expect(last?.phase ?? 'waiting').toBe(phase);
        expect(last?.phase === 'complete').toBe(isVerified && phase !== undefined);
      }),
    );
  });
});
