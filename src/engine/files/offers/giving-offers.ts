import type { RecordOf } from '../../../events/journal-record.ts';
import type { FileOfferAnswers } from '../../../events/peer/file-offer.ts';
import { OFFERED_FILES } from '../../../limits.ts';
import type { PeerIdentity } from '../../../ports.ts';
import type { FileAnnouncement } from '../../../projections/files.ts';
import { isPresent } from '../../../projections/journal/journal-state.ts';
import { isOffered, isToBeTold, shareOf } from '../../../projections/journal/offers.ts';
import { subTransferStep } from '../../../projections/journal/sub-transfers.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { OfferPost } from './offer-post.ts';

/** The announcing device's side of offers. */
export interface GivingOffers {
  /** Offers the file to the device, if it is an own one that the device may have and was not told of. */
  offer(conversation: LiveConversation, file: FileAnnouncement, peer: PeerIdentity): void;
  /**
   * The user gives the file away again: a device that was told no may ask at once, whoever announced the file. Nothing is
   * noted: what comes of it is a request like any other.
   */
  offerAgain(conversation: LiveConversation, file: FileAnnouncement, peer: PeerIdentity): void;
  /** The same as `offer` for the newest own files. */
  offerNewest(conversation: LiveConversation, peer: PeerIdentity): void;
  take(peer: PeerIdentity, answers: FileOfferAnswers): void;
}

type GivingParts = Pick<EngineParts, 'keys' | 'keeper' | 'live' | 'clock'> & {
  readonly post: Pick<OfferPost, 'offer'>;
};

export function createGivingOffers({ keys, keeper, live, clock, post }: GivingParts): GivingOffers {
  /** What changes nothing is not written down: a device may say it as often as it likes. */
  function isNews(fact: RecordOf<'sub-transfer-offered' | 'offer-answered'>): boolean {
    const share = shareOf(keeper.state().files.get(fact.interaction), fact.peer);
    return subTransferStep(share, fact)?.phase !== share?.phase;
  }

  function offer(conversation: LiveConversation, file: FileAnnouncement, { account, device }: PeerIdentity): void {
    const { interaction, fileId } = file;
    const record = keeper.state().files.get(interaction);
    if (!conversation.isActive(account, device)) return;
    if (!isOffered(file, record, keys.device) || !isToBeTold(record, device)) return;
    post.offer(device, { conversation: conversation.id, interaction });
    const about = { conversation: conversation.id, interaction, fileId, peer: device };
    const fact = { kind: 'sub-transfer-offered', ...about, at: clock.now() } as const;
    if (isNews(fact)) keeper.record(fact);
  }

  return {
    offer,
    offerAgain(conversation, { interaction, isDeleted }, { account, device }) {
      if (isDeleted || !isPresent(keeper.state(), interaction) || !conversation.isActive(account, device)) return;
      post.offer(device, { conversation: conversation.id, interaction });
    },
    offerNewest(conversation, peer) {
      const { announced } = conversation.states().files;
      const own = announced.newestFirst().filter(({ device }) => device === keys.device);
      for (const file of own.take(OFFERED_FILES)) offer(conversation, file, peer);
    },
    take(peer, { conversation: id, answers }) {
      const conversation = live.get(id);
      if (!conversation?.isActive(peer.account, peer.device)) return;
      const facts = answers.flatMap(({ interaction, answer }) => {
        const file = conversation.states().files.announced.get(interaction);
        if (file?.device !== keys.device) return [];
        const about = { conversation: id, interaction, fileId: file.fileId, peer: peer.device };
        return [{ kind: 'offer-answered', ...about, answer, at: clock.now() } as const];
      });
      keeper.recordAll(facts.filter(isNews));
    },
  };
}
