import type { JournalRecord, RecordOf } from '../../../events/journal-record.ts';
import {
  FILE_OFFER_ANSWER_TYPE,
  FILE_OFFER_TYPE,
  FileOffer,
  FileOfferAnswers,
} from '../../../events/peer/file-offer.ts';
import { createRateLimit } from '../../../fetcher/pace/rate-limit.ts';
import type { Net } from '../../../net/net.ts';
import type { PeerIdentity } from '../../../ports.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { Messenger } from '../../devices/messenger.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Planner } from '../fetch/planner.ts';
import { createGivingOffers } from './giving-offers.ts';
import { createOfferPost } from './offer-post.ts';
import { createTakingOffers } from './taking-offers.ts';

/**
 * Offers own files to the devices of members, and answers the offers of others. An offer moves nothing: whoever wants the
 * file asks for it. It lets the announcing device know how each device stands to the file, and the other one that it may
 * ask again.
 */
export interface Offers {
  /** A link came up: the newest own files are offered to the device. */
  onLinked(peer: PeerIdentity): void;
  /** These were journalled. */
  note(records: readonly JournalRecord[]): void;
  /** False when the message is no offer and no answer to one. */
  receive(peer: PeerIdentity, type: string, content: unknown): boolean;
}

export interface OffersParts extends Pick<EngineParts, 'keys' | 'keeper' | 'live' | 'clock' | 'signal'> {
  readonly planner: Pick<Planner, 'world'>;
  readonly net: Pick<Net, 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
}

export function createOffers(parts: OffersParts): Offers {
  const { live, net } = parts;
  const limit = createRateLimit(parts.clock);
  const post = createOfferPost(parts);
  const giving = createGivingOffers({ ...parts, post });
  const taking = createTakingOffers({ ...parts, post });

  function onAdmitted(conversation: LiveConversation, { commit, from }: RecordOf<'commit-admitted'>): void {
    const links = net.links();
    const file = conversation.states().files.announced.get(commit);
    if (file) taking.answerEarly(conversation, file);
    if (file) for (const { peer } of links) giving.offer(conversation, file, peer);
    // Who has just joined was linked before anything could be offered to it.
    const author = file ? undefined : links.find(({ peer }) => peer.device === from);
    if (author) giving.offerNewest(conversation, author.peer);
  }

  /** The user said something about a file: who gets it, or gave it, hears of that at once. */
  function onWord(conversation: LiveConversation, { kind, interaction }: Word): void {
    const file = conversation.states().files.announced.get(interaction);
    if (!file) return;
    for (const { peer } of net.links()) {
      giving.offer(conversation, file, peer);
      if (kind === 'file-accepted') giving.offerAgain(conversation, file, peer);
      if (peer.device === file.device) taking.answer(conversation, file, peer.device);
    }
  }

  function onRecord(record: JournalRecord): void {
    const conversation = 'conversation' in record ? live.get(record.conversation) : undefined;
    if (!conversation) return;
    if (record.kind === 'commit-admitted') onAdmitted(conversation, record);
    if (isWord(record)) onWord(conversation, record);
  }

  return {
    onLinked(peer) {
      for (const conversation of live.values()) giving.offerNewest(conversation, peer);
    },
    note(records) {
      for (const record of records) onRecord(record);
    },
    receive(peer, type, content) {
      if (type !== FILE_OFFER_TYPE && type !== FILE_OFFER_ANSWER_TYPE) return false;
      if (!limit.allows(peer.device)) return true;
      if (type === FILE_OFFER_TYPE) return taken(FileOffer.safeParse(content), (offer) => taking.take(peer, offer));
      return taken(FileOfferAnswers.safeParse(content), (answers) => giving.take(peer, answers));
    },
  };
}

type Word = RecordOf<'file-accepted' | 'file-refused' | 'file-cancelled' | 'file-paused'>;

function isWord(record: JournalRecord): record is Word {
  const { kind } = record;
  return kind === 'file-accepted' || kind === 'file-refused' || kind === 'file-cancelled' || kind === 'file-paused';
}

/** A message of no known form is nobody's. */
function taken<T>(parsed: { success: true; data: T } | { success: false }, take: (value: T) => void): boolean {
  if (parsed.success) take(parsed.data);
  return parsed.success;
}
