import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveConversation } from '../../../../../src/engine/conversations/live-conversation.ts';
import {
  createHoldingsExchange,
  type HoldingsExchange,
} from '../../../../../src/engine/files/holdings/holdings-exchange.ts';
import { openJournalKeeper } from '../../../../../src/engine/journal/journal-keeper.ts';
import { type HoldingKey, holdingKey, packHoldings } from '../../../../../src/events/peer/holdings.ts';
import { HOLDINGS_TYPE, HoldingsMessage } from '../../../../../src/events/peer/holdings-message.ts';
import { CommitId } from '../../../../../src/ids.ts';
import { HOLDINGS_CHANGED_AT_ONCE, HOLDINGS_EVERY_MS, HOLDINGS_PER_MESSAGE } from '../../../../../src/limits.ts';
import type { PeerIdentity } from '../../../../../src/ports.ts';
import { announcedFiles, type FileAnnouncement } from '../../../../../src/projections/files.ts';
import { heldBy } from '../../../../../src/projections/journal/holdings.ts';
import {
  createFakeNet,
  person,
  settled,
  type WrittenLog,
  writtenGroup,
} from '../../../../support/engine/live-conversations.ts';
import { memoryJournal } from '../../../../support/engine/memory-journal.ts';
import { sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { quietLog } from '../../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../../support/time/virtual-clock.ts';

/** A device with its journal, that hears what the other one sends. */
interface Side {
  readonly self: PeerIdentity;
  readonly exchange: HoldingsExchange;
  readonly state: () => ReturnType<Awaited<ReturnType<typeof openJournalKeeper>>['state']>;
  /** It is complete here, or is not any more. */
  hold(file: FileAnnouncement, isHere: boolean): void;
  /** What was sent to it. */
  readonly heard: HoldingsMessage['say'][];
}

describe('devices of members', () => {
  let clock: VirtualClock;
  let group: WrittenLog;
  let conversation: LiveConversation;
  let alice: Side;
  let bob: Side;

  const byKey = new Map<HoldingKey, CommitId>();
  /** As the plan would name them. */
  function named(_: unknown, keys: readonly HoldingKey[]): readonly CommitId[] {
    return keys.flatMap((key) => byKey.get(key) ?? []);
  }

  async function createSide(n: number, other: () => Side): Promise<Side> {
    const keeper = await openJournalKeeper(memoryJournal(), quietLog);
    const self = person(n);
    const net = createFakeNet();
    const heard: HoldingsMessage['say'][] = [];
    const exchange = createHoldingsExchange({
      ...{ self, keeper, clock, net, log: quietLog, signal: new AbortController().signal, planner: { named } },
      live: new Map([[conversation.id, conversation]]),
      messenger: {
        async send(_, { type, content }) {
          const sent = JSON.parse(JSON.stringify(content));
          queueMicrotask(() => {
            other().heard.push(HoldingsMessage.parse(sent).say);
            other().exchange.receive(self, type, sent);
          });
          return true;
        },
      },
    });
    keeper.listen(exchange.note);
    net.up(person(3 - n));
    return {
      ...{ self, exchange, heard, state: keeper.state },
      hold({ interaction, fileId }, isHere) {
        const about = { conversation: conversation.id, interaction, fileId, at: clock.now() };
        const stamp = { size: 3, mtimeMs: 0, inode: 0 };
        if (isHere) keeper.record({ kind: 'file-verified', ...about, ...stamp });
        else keeper.record({ kind: 'file-found-lacking', ...about, ...stamp, state: 'missing' });
      },
    };
  }

  /** Alice announces so many files. */
  async function announce(count: number): Promise<readonly FileAnnouncement[]> {
    for (let n = 0; n < count; n += 1) {
      const file = { displayName: `${n}.png`, totalSize: 3, sha3sum: sha3Of(Buffer.from('a')), tid: `${n}` };
      group.write({ kind: 'file-announced', ...file });
    }
    await conversation.refold();
    const files = [...announcedFiles(conversation.states().files)];
    for (const { interaction } of files) byKey.set(holdingKey(interaction), interaction);
    return files;
  }

  function link(): void {
    alice.exchange.greet(bob.self);
    bob.exchange.greet(alice.self);
  }

  const knows = (side: Side, other: Side, interaction: CommitId) =>
    heldBy(side.state().holdings, { conversation: conversation.id, interaction, device: other.self.device });

  beforeEach(async () => {
    clock = createVirtualClock();
    byKey.clear();
    group = await writtenGroup();
    conversation = group.conversation;
    alice = await createSide(1, () => bob);
    bob = await createSide(2, () => alice);
  });

  it('tell each other all they hold when they link for the first time', async () => {
    const files = await announce(HOLDINGS_PER_MESSAGE + 10);
    for (const [place, file] of files.entries()) if (place !== 3) alice.hold(file, true);
    link();
    await settled();
    for (const [place, { interaction }] of files.entries()) {
      expect(knows(bob, alice, interaction)).toBe(place === 3 ? 'lacks' : 'has');
      expect(knows(alice, bob, interaction)).toBe('lacks');
    }
    expect(bob.heard.filter((say) => say === 'page')).toHaveLength(2);
  });

  it('tell only a summary when they link again and nothing has changed, and all when something has', async () => {
    const [file, other] = await announce(2);
    if (!file || !other) return expect.unreachable();
    alice.hold(file, true);
    link();
    await settled();
    await clock.advance(HOLDINGS_EVERY_MS);
    const before = bob.heard.length;
    alice.exchange.forget(bob.self.device);
    link();
    await settled();
    expect(bob.heard.slice(before)).toEqual(['summary']);
    alice.hold(other, true);
    alice.exchange.forget(bob.self.device);
    link();
    await settled();
    expect(knows(bob, alice, other.interaction)).toBe('has');
  });

  it('tell what comes and goes, many together, a while later', async () => {
    const files = await announce(20);
    link();
    await settled();
    const before = bob.heard.length;
    for (const file of files) alice.hold(file, true);
    await clock.advance(HOLDINGS_EVERY_MS);
    expect(bob.heard.slice(before)).toEqual(['change']);
    for (const { interaction } of files) expect(knows(bob, alice, interaction)).toBe('has');
    for (const file of files) alice.hold(file, false);
    await clock.advance(HOLDINGS_EVERY_MS);
    for (const { interaction } of files) expect(knows(bob, alice, interaction)).toBe('lacks');
  });

  it('say nothing of a file that never was there', async () => {
    const files = await announce(3);
    link();
    await settled();
    const before = bob.heard.length;
    for (const file of files) alice.hold(file, false);
    await clock.advance(HOLDINGS_EVERY_MS);
    expect(bob.heard.slice(before)).toEqual([]);
  });

  it('hear nobody who takes no part, and nothing of another form', async () => {
    const has = packHoldings([holdingKey((await announce(1))[0]?.interaction ?? conversation.log.head())]);
    const content = { say: 'change', conversation: conversation.id, has, lacks: '' };
    for (const stranger of [person(3), person(4), person(8)]) {
      expect(bob.exchange.receive(stranger, HOLDINGS_TYPE, content)).toBe(true);
    }
    expect(bob.exchange.receive(alice.self, HOLDINGS_TYPE, { ...content, has: 'not packed' })).toBe(false);
    expect(bob.exchange.receive(alice.self, 'of tomorrow', content)).toBe(false);
    expect(bob.state().holdings.size).toBe(0);
  });

  it('journal no more than so many changes of mind', async () => {
    // Nobody announced them.
    const files = Array.from({ length: HOLDINGS_PER_MESSAGE }, (_, n) =>
      CommitId.parse(n.toString(16).padStart(12, '0').padEnd(40, '0')),
    );
    const all = packHoldings(files.map(holdingKey));
    const say = (has: string, lacks: string) =>
      bob.exchange.receive(alice.self, HOLDINGS_TYPE, { say: 'change', conversation: conversation.id, has, lacks });
    const heard = () => files.filter((interaction) => knows(bob, alice, interaction) === 'has').length;
    const told = new Set<number>();
    let changes = 0;
    for (let n = 0; n < 2 * (HOLDINGS_CHANGED_AT_ONCE / HOLDINGS_PER_MESSAGE); n += 1) {
      const before = heard();
      say(n % 2 === 0 ? all : '', n % 2 === 0 ? '' : all);
      changes += Math.abs(heard() - before);
      told.add(heard());
    }
    expect(told).toEqual(new Set([0, HOLDINGS_PER_MESSAGE]));
    expect(changes).toBeLessThanOrEqual(HOLDINGS_CHANGED_AT_ONCE);
    expect(changes).toBeGreaterThan(HOLDINGS_CHANGED_AT_ONCE - HOLDINGS_PER_MESSAGE);
  });

  it('hear no more than so many messages a minute', async () => {
    const content = { say: 'tell', conversation: conversation.id };
    for (let n = 0; n < 5_000; n += 1) bob.exchange.receive(alice.self, HOLDINGS_TYPE, content);
    await settled();
    expect(alice.heard.length).toBeLessThan(1_000);
  });
});
