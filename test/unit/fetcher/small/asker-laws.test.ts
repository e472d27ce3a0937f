import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnnouncedFile } from '../../../../src/fetcher/ports.ts';
import {
  type AskerEffect,
  type AskerInput,
  type AskerState,
  askerStep,
  type FileEnd,
  startAsking,
} from '../../../../src/fetcher/small/asker-machine.ts';
import type { BatchMessage, BatchStatement } from '../../../../src/fetcher/small/batch-message.ts';
import type { CommitId, ConversationId } from '../../../../src/ids.ts';
import {
  BATCH_FILES,
  BATCH_FILES_OUTSTANDING,
  BATCH_IDLE_MS,
  REQUEST_ANSWER_MS,
  SMALL_FILES_AT_ONCE,
} from '../../../../src/limits.ts';
import { announcedFile, someBytes } from '../../../support/fetcher/announced-file.ts';

const START = 1_795_000_000_000;
const STAMP = { size: 1, mtimeMs: 1, inode: 1 };

/** Of two conversations, with sizes from one byte on. */
const FILES = Array.from({ length: 6 }, (_, place): AnnouncedFile => {
  const file = announcedFile(someBytes(1 + place), 0x1000 + place);
  return place % 2 === 0 ? file : { ...file, conversation: 'd'.repeat(40) as ConversationId };
});
const STRANGER = announcedFile(someBytes(1), 0x2000);

/** What an input sequence brought about so far, and what must hold of it. */
class Watched {
  state: AskerState = startAsking(START);
  at = START;
  /** In the order they came. */
  readonly effects: AskerEffect[] = [];
  readonly #waiting = new Set<CommitId>();
  readonly #placing = new Set<CommitId>();

  take(input: AskerInput): readonly AskerEffect[] {
    const wasOver = this.state.isOver;
    const { state, effects } = askerStep(this.state, input);
    this.state = state;
    this.effects.push(...effects);
    if (input.kind === 'wanted') for (const { interaction } of input.files) this.#want(interaction, effects);
    for (const effect of effects) this.#check(effect, wasOver);
    return effects;
  }

  placing(): readonly CommitId[] {
    return [...this.#placing];
  }

  waiting(): readonly CommitId[] {
    return [...this.#waiting];
  }

  open(): readonly CommitId[] {
    return [...this.#waiting, ...this.#placing];
  }

  /** Wanted twice while it is asked for, it is asked for once; with the channel over, it ends at once. */
  #want(interaction: CommitId, effects: readonly AskerEffect[]): void {
    const isAsked = effects.some(
      (effect) =>
        effect.kind === 'say' && effect.statement.say === 'ask' && effect.statement.interactions.includes(interaction),
    );
    const isEnded = effects.some((effect) => effect.kind === 'settled' && effect.file.interaction === interaction);
    expect(isAsked || isEnded).toBe(!this.open().includes(interaction) || isEnded);
    if (isAsked || isEnded) this.#waiting.add(interaction);
  }

  #check(effect: AskerEffect, wasOver: boolean): void {
    if (wasOver) expect(effect.kind).toBe('settled');
    if (effect.kind === 'place') for (const { file, bytes } of effect.files) this.#place(file, bytes);
    if (effect.kind === 'settled') this.#settle(effect.file.interaction);
    if (effect.kind === 'say') this.#checkStatement(effect.statement);
  }

  #place({ interaction, totalSize }: AnnouncedFile, bytes: Uint8Array): void {
    expect(this.#waiting.delete(interaction)).toBe(true);
    expect(bytes.length).toBe(totalSize);
    this.#placing.add(interaction);
  }

  /** Whatever was wanted ends once, and nothing else ends. */
  #settle(interaction: CommitId): void {
    expect(Number(this.#waiting.delete(interaction)) + Number(this.#placing.delete(interaction))).toBe(1);
  }

  #checkStatement(statement: BatchStatement): void {
    const named = statement.say === 'ask' ? statement.interactions : statement.files;
    expect(named.length).toBeLessThanOrEqual(BATCH_FILES);
    if (statement.say !== 'ask') return;
    const conversations = statement.interactions.map((id) => FILES.find(({ interaction }) => interaction === id));
    expect(new Set(conversations.map((file) => file?.conversation))).toEqual(new Set([statement.conversation]));
  }
}

const oneOf = fc.constantFrom(...FILES);
const some = fc.uniqueArray(oneOf, { minLength: 1 });
const ends = fc.constantFrom<FileEnd>(
  { kind: 'complete', stamp: STAMP },
  ...(['wrong-digest', 'disk-full', 'interrupted', 'refused'] as const).map(
    (failure): FileEnd => ({ kind: 'failed', failure }),
  ),
);
/** What a source sends or declines: mostly files that it was asked for, in any order. */
const named = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 1)), {
  minLength: 1,
  maxLength: 4,
});
type Named = readonly (readonly [drawn: number, odd: number])[];

function filesNamed(watched: Watched, drawn: Named): readonly AnnouncedFile[] {
  const asked = FILES.filter(({ interaction }) => watched.waiting().includes(interaction));
  const right = drawn.flatMap(([number, odd]) =>
    odd === 1 ? [[...FILES, STRANGER][number % 7] ?? STRANGER] : (asked[number % asked.length] ?? []),
  );
  return [...new Set(right)];
}

const messages: fc.Arbitrary<(watched: Watched) => BatchMessage> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(named, fc.constantFrom(0, 0, 0, 0, 0, 0, 1)).map(([drawn, more]) => (watched: Watched) => ({
      kind: 'files' as const,
      files: filesNamed(watched, drawn).map(({ interaction, totalSize }) => ({
        interaction,
        bytes: someBytes(totalSize + more),
      })),
    })),
  },
  {
    weight: 3,
    arbitrary: named.map((drawn) => (watched: Watched) => ({
      kind: 'statement' as const,
      statement: {
        say: 'declined' as const,
        files: filesNamed(watched, drawn).map(({ interaction }): [CommitId, 'has-not'] => [interaction, 'has-not']),
      },
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<BatchMessage>(
        { kind: 'unknown' },
        { kind: 'unknown' },
        { kind: 'malformed', detail: 'nonsense' },
        { kind: 'statement', statement: { say: 'done', files: [] } },
      )
      .map((message) => () => message),
  },
);

/** One thing that happens; what is placed can only be what is being placed. */
const happenings = fc.oneof(
  some.map((files) => (watched: Watched) => watched.take({ kind: 'wanted', files, at: watched.at })),
  messages.map((say) => (watched: Watched) => watched.take({ kind: 'heard', message: say(watched), at: watched.at })),
  fc.array(ends, { minLength: 6, maxLength: 6 }).map((drawn) => (watched: Watched) => {
    const placed = watched.placing().map((id, place) => [id, drawn[place] ?? fail()] as const);
    return watched.take({ kind: 'placed', ends: placed, at: watched.at });
  }),
  fc.tuple(oneOf, fc.constantFrom('cancelled', 'paused', 'interrupted')).map(
    ([{ interaction }, reason]) =>
      (watched: Watched) =>
        watched.take({ kind: 'taken-back', interaction, reason }),
  ),
  fc.constantFrom(1000, BATCH_IDLE_MS + 1, REQUEST_ANSWER_MS + 1).map((passed) => (watched: Watched) => {
    watched.at += passed;
    return watched.take({ kind: 'tick', at: watched.at });
  }),
  fc.constant((watched: Watched) => watched.take({ kind: 'closed' })),
);

function fail(): never {
  throw new TypeError('The test draws too few ends.');
}

describe('asking for small files', () => {
  it('ends each file once, takes nothing that was not asked for, and asks nothing when it is over, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(happenings, { maxLength: 40, size: 'max' }), (all) => {
        const watched = new Watched();
        for (const happen of all) happen(watched);
        watched.take({ kind: 'closed' });
        // What was being placed when the channel went is still settled by what came of it.
        expect(watched.open()).toEqual(watched.placing());
        const left = watched.placing().map((id) => [id, { kind: 'complete', stamp: STAMP }] as const);
        watched.take({ kind: 'placed', ends: left, at: watched.at });
        expect(watched.open()).toEqual([]);
        expect(watched.state.asked.isEmpty()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('comes to the same in whatever order files and refusals arrive', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(FILES, { minLength: FILES.length }), fc.uniqueArray(oneOf), (order, declined) => {
        const watched = new Watched();
        watched.take({ kind: 'wanted', files: FILES, at: START });
        for (const file of order) {
          const { interaction, totalSize } = file;
          const message: BatchMessage = declined.includes(file)
            ? { kind: 'statement', statement: { say: 'declined', files: [[interaction, 'has-not']] } }
            : { kind: 'files', files: [{ interaction, bytes: someBytes(totalSize) }] };
          watched.take({ kind: 'heard', message, at: START });
        }
        expect(new Set(watched.placing())).toEqual(
          new Set(FILES.filter((file) => !declined.includes(file)).map(({ interaction }) => interaction)),
        );
      }),
    );
  });

  it('asks for no more than a source lets a device have under way', () => {
    expect(SMALL_FILES_AT_ONCE).toBeLessThanOrEqual(BATCH_FILES_OUTSTANDING);
  });
});
