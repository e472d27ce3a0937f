import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FetchedConversation, fetchAndTell } from '../../../../src/engine/control/fetch-and-tell.ts';
import type { CommitId } from '../../../../src/ids.ts';

const [one, other] = ['one', 'other'] as CommitId[] as [CommitId, CommitId];
const receiving = (interaction: CommitId) => ({ direction: 'receiving', interaction }) as const;
const complete = { interaction: one, outcome: 'complete' };

/** Of two files and a member there is news, and then one file is complete. */
const conversation: FetchedConversation = {
  findFile: (word) => ({ interaction: word as CommitId }),
  async *changes() {
    yield { kind: 'member' };
    yield { kind: 'transfer', transfer: { direction: 'serving', interaction: one } };
    for (const interaction of [one, other]) yield { kind: 'transfer', transfer: receiving(interaction) };
  },
  async *fetch() {
    // Its turn comes when the changes were told.
    await setImmediate();
    yield complete;
  },
};

async function told(files?: readonly string[]): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  const call = { signal: new AbortController().signal, emit: (event: unknown) => events.push(event) };
  await fetchAndTell(conversation, { wait: false, ...(files && { files }) }, call);
  return events;
}

describe('fetching', () => {
  it('tells of the files that were named, and of no others', async () => {
    expect(await told(['one'])).toEqual([{ transfer: receiving(one) }, { outcome: complete }]);
  });

  it('tells of all that come where none is named', async () => {
    expect(await told()).toEqual([{ transfer: receiving(one) }, { transfer: receiving(other) }, { outcome: complete }]);
  });
});
