/** A group whose files an engine plans for, without disk, network and time of its own. */
import { createPlanner, type Planner } from '../../../src/engine/files/fetch/planner.ts';
import { type JournalKeeper, openJournalKeeper } from '../../../src/engine/journal/journal-keeper.ts';
import { testAccount } from '../identity/accounts.ts';
import { quietLog } from '../quiet-log.ts';
import { createVirtualClock } from '../time/virtual-clock.ts';
import { createFakeNet, type WrittenLog, writtenGroup } from './live-conversations.ts';
import { memoryJournal } from './memory-journal.ts';

export interface PlannedGroup {
  readonly keys: Awaited<ReturnType<typeof testAccount>>;
  readonly conversation: WrittenLog['conversation'];
  readonly live: Map<WrittenLog['conversation']['id'], WrittenLog['conversation']>;
  readonly net: ReturnType<typeof createFakeNet>;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly keeper: JournalKeeper;
  readonly planner: Planner;
}

/** Alice's engine, which fetches everything, in a group with what `write` wrote. */
export async function plannedGroup(write: (write: WrittenLog['write']) => void): Promise<PlannedGroup> {
  const keys = await testAccount('alice');
  const log = await writtenGroup();
  write(log.write);
  const { conversation } = log;
  await conversation.refold();
  const [net, clock] = [createFakeNet(), createVirtualClock()];
  const keeper = await openJournalKeeper(memoryJournal(), quietLog);
  const planner = createPlanner({
    ...{ self: keys, policy: { auto: 'all' }, net, clock, log: quietLog, signal: new AbortController().signal },
    ...{ disk: { free: () => undefined }, journal: keeper.state, request: () => new Promise<void>(() => {}) },
    onPlanned: () => {},
  });
  keeper.listen(planner.note);
  planner.follow(conversation);
  return { keys, conversation, live: new Map([[conversation.id, conversation]]), net, clock, keeper, planner };
}
