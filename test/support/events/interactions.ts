/** Interactions without a repository: made up for a test, or of the recorded conversation. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { ConversationEvent } from '../../../src/events/conversation-event.ts';
import { decode } from '../../../src/events/decode.ts';
import { encode } from '../../../src/events/encode.ts';
import type { Interaction } from '../../../src/events/interaction.ts';
import { AccountUri, CommitId, DeviceId } from '../../../src/ids.ts';

/** Ids that are easy to tell apart, by their first digits as by their last: `commitId(7)` ends in 7. */
export const commitId = (n: number): CommitId => {
  const digits = n.toString(16).padStart(12, '0');
  return CommitId.parse(digits + digits.padStart(28, '0'));
};
export const account = (n: number): AccountUri => AccountUri.parse(n.toString(16).padStart(40, 'a'));
export const device = (n: number): DeviceId => DeviceId.parse(n.toString(16).padStart(64, 'd'));

export interface Said {
  readonly id: number;
  readonly by?: number;
  readonly device?: number;
  readonly event: ConversationEvent;
}

/** What a commit with this event would be read as. Account `n` uses device `n` unless told otherwise. */
export function interaction({ id, by = 1, device: from = by, event }: Said): Interaction {
  return {
    id: commitId(id),
    parents: [],
    author: account(by),
    device: device(from),
    committedAt: 1_795_000_000 + id,
    content: decode(encode(event)),
  };
}

const Recorded = z.object({
  conversationId: z.string(),
  commits: z.array(
    z.object({
      id: CommitId,
      parents: z.array(CommitId),
      memberUri: AccountUri,
      authorDevice: DeviceId,
      timestamp: z.number(),
      bodyText: z.string(),
    }),
  ),
});

const ONE_TO_ONE = new URL('../../../fixtures/jami/one-to-one/', import.meta.url);

/** The path of something in the recorded conversation's folder. */
export function recordedPath(name: string): string {
  return new URL(name, ONE_TO_ONE).pathname;
}

/** The recorded facts, as another implementation read them. */
export function expectedRecording<Shape extends z.ZodType>(shape: Shape): z.infer<Shape> {
  return shape.parse(JSON.parse(readFileSync(recordedPath('expected.json'), 'utf8')));
}

/** The recorded conversation, parents first, built from what another implementation read. */
export function recordedInteractions(): readonly Interaction[] {
  return expectedRecording(Recorded).commits.map((commit) => ({
    id: commit.id,
    parents: commit.parents,
    author: commit.memberUri,
    device: commit.authorDevice,
    committedAt: commit.timestamp,
    content: decode(commit.bodyText),
  }));
}
