/** What devices do in a simulation. */
import type { Intent } from '../../src/conversation/decisions/decide.ts';
import { Digest } from '../../src/ids.ts';
import { allOf } from '../support/events/linearized.ts';
import type { Replica } from './replica.ts';
import { type Deed, FOUNDERS_DEVICES, type Vote } from './schedule.ts';
import { devices, type Place, type Stage } from './stage.ts';

export async function perform(deed: Deed, stage: Stage): Promise<void> {
  const { places } = stage;
  if (deed.kind === 'rename-at-once') {
    for (const device of FOUNDERS_DEVICES) void perform({ ...deed, kind: 'rename', device }, stage);
    return;
  }
  const replica = places[deed.device % places.length]?.replica;
  if (!replica) return;
  if ('target' in deed) return decide(deed, replica, places);
  const times = deed.kind === 'say' ? deed.times : 1;
  for (let time = 0; time < times; time += 1) {
    const intent = intentOf(deed, replica);
    if (intent) await replica.carryOut(intent);
  }
}

/** A vote that was cast and then lost its resolution to a crash is resolved the next time. */
async function decide({ kind: action, ...vote }: Vote, replica: Replica, places: readonly Place[]): Promise<void> {
  const other = devices[vote.target % places.length];
  if (!other || other.account === replica.keys.account) return;
  const ballot = { action, target: vote.isOfDevice ? other.device : other.account };
  await replica.carryOut({ kind: 'cast-vote', ...ballot });
  await replica.carryOut({ kind: 'resolve-vote', ...ballot });
}

/** What a device does by itself. */
type OwnDeed = Exclude<Deed, Vote | { readonly kind: 'rename-at-once' }>;

const ANY_DIGEST = Digest.parse('ab'.repeat(64));

function intentOf(deed: OwnDeed, { keys, live }: Replica): Intent | undefined {
  switch (deed.kind) {
    case 'leave':
      return keys.account === devices[0]?.account ? undefined : { kind: 'leave-conversation' };
    case 'say':
      return { kind: 'send-text', body: `said at ${deed.at}` };
    case 'rename':
      return { kind: 'update-profile', profile: { title: `named at ${deed.at} by ${keys.device}` } };
    case 'take-back': {
      const own = allOf(live()?.history()).findLast(({ author, content }) => {
        return author === keys.account && content.outcome === 'known' && content.event.kind === 'message-sent';
      });
      return own && { kind: 'delete-message', message: own.id };
    }
    case 'announce-file':
      return {
        ...{ kind: 'announce-file', displayName: `${deed.at}.txt`, totalSize: deed.at },
        ...{ sha3sum: ANY_DIGEST, tid: `${deed.at + 1}` },
      };
  }
}
