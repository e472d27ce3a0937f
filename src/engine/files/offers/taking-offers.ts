import type { FileOffer } from '../../../events/peer/file-offer.ts';
import type { CommitId, DeviceId } from '../../../ids.ts';
import { OFFERS_WAITING } from '../../../limits.ts';
import type { PeerIdentity } from '../../../ports.ts';
import type { FileAnnouncement } from '../../../projections/files.ts';
import { canBeAskedAgain } from '../../../projections/journal/asks.ts';
import { answerToOffer } from '../../../projections/journal/offers.ts';
import { holdOn } from '../../../projections/plan/wanting.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Planner } from '../fetch/planner.ts';
import type { OfferPost } from './offer-post.ts';

/** The other devices' side of offers. */
export interface TakingOffers {
  take(peer: PeerIdentity, offer: FileOffer): void;
  /** Tells the device how this one stands to the file. */
  answer(conversation: LiveConversation, file: FileAnnouncement, device: DeviceId): void;
  /** The announcement has arrived: answers who offered the file before that. */
  answerEarly(conversation: LiveConversation, file: FileAnnouncement): void;
}

type TakingParts = Pick<EngineParts, 'keeper' | 'live' | 'clock'> & {
  readonly planner: Pick<Planner, 'world'>;
  readonly post: Pick<OfferPost, 'answer'>;
};

export function createTakingOffers(parts: TakingParts): TakingOffers {
  const { keeper, live, clock, planner, post } = parts;
  /** Who offered what is not announced yet. */
  const early = new Map<CommitId, DeviceId>();

  function answer(conversation: LiveConversation, file: FileAnnouncement, device: DeviceId): void {
    const { interaction } = file;
    const record = keeper.state().files.get(interaction);
    const { id } = conversation;
    const { hold } = holdOn({ conversation: id, file, record }, planner.world());
    const said = answerToOffer({ file, record, isWanted: hold !== 'await-user' });
    if (said) post.answer(device, { conversation: id, interaction, answer: said });
  }

  /** What was asked for in vain may be asked for again. */
  function noteOffer({ id: conversation }: LiveConversation, file: FileAnnouncement, from: DeviceId): void {
    const { interaction, fileId } = file;
    if (!canBeAskedAgain(keeper.state().files.get(interaction)?.asks.get(from))) return;
    keeper.record({ kind: 'file-offered', conversation, interaction, fileId, from, at: clock.now() });
  }

  return {
    answer,
    take({ account, device }, { conversation: id, interactions }) {
      const conversation = live.get(id);
      if (!conversation?.isActive(account, device)) return;
      for (const interaction of interactions) {
        const file = conversation.states().files.announced.get(interaction);
        if (file) {
          noteOffer(conversation, file, device);
          answer(conversation, file, device);
        } else if (early.size < OFFERS_WAITING) early.set(interaction, device);
      }
    },
    answerEarly(conversation, file) {
      const from = early.get(file.interaction);
      early.delete(file.interaction);
      if (from) answer(conversation, file, from);
    },
  };
}
