/** What devices tell each other of files before any of it moves; travels on the `msg:` channel. */
import * as z from 'zod';
import { CommitId, ConversationId } from '../../ids.ts';
import { OFFERS_PER_MESSAGE } from '../../limits.ts';
import { OFFER_ANSWERS } from '../journal-record.ts';

export const FILE_OFFER_TYPE = 'application/data-transfer-offer+json';

/** The sender announced these files, holds them, and gives them away. */
export const FileOffer = z.object({
  conversation: ConversationId,
  interactions: z.array(CommitId).max(OFFERS_PER_MESSAGE),
});
export type FileOffer = z.infer<typeof FileOffer>;

export const FILE_OFFER_ANSWER_TYPE = 'application/data-transfer-offer-answer+json';

export const OfferAnswer = z.enum(OFFER_ANSWERS);
export type OfferAnswer = z.infer<typeof OfferAnswer>;

/** How the sender stands to files that the receiving device announced: after an offer, and whenever that changes. */
export const FileOfferAnswers = z.object({
  conversation: ConversationId,
  answers: z.array(z.object({ interaction: CommitId, answer: OfferAnswer })).max(OFFERS_PER_MESSAGE),
});
export type FileOfferAnswers = z.infer<typeof FileOfferAnswers>;
