/** `application/data-transfer-request+json`: a device asks for an announced file. Travels on the `msg:` channel. */
import * as z from 'zod';
import { CommitId, ConversationId, DeviceId } from '../../ids.ts';

export const FILE_REQUEST_TYPE = 'application/data-transfer-request+json';

export const FileRequest = z.object({
  conversation: ConversationId,
  interaction: CommitId,
  /** The device that asks and will receive. */
  deviceId: DeviceId,
});
export type FileRequest = z.infer<typeof FileRequest>;

/**
 * Why an answerer does not serve: what `fetcher/answer-request.ts` asks the log, whether the file is here, the user's word
 * (`withheld`: cancelled here; `paused`: for now), and whether its bytes are right. `not-small`: asked for together with
 * others, and too long for that.
 */
export const DECLINE_REASONS = [
  'not-that-device',
  'not-a-member',
  'unknown-conversation',
  'unknown-interaction',
  'not-a-file',
  'deleted',
  'has-not',
  'digest-mismatch',
  'too-many-requests',
  'withheld',
  'paused',
  'not-small',
] as const;
export const DeclineReason = z.enum(DECLINE_REASONS);
export type DeclineReason = z.infer<typeof DeclineReason>;

export const FILE_ANSWER_TYPE = 'application/data-transfer-answer+json';

/** The answerer's word when it does not propose the file; a proposal is the channel itself. */
export const FileAnswer = z.object({
  conversation: ConversationId,
  interaction: CommitId,
  answer: z.literal('declined'),
  reason: DeclineReason,
});
export type FileAnswer = z.infer<typeof FileAnswer>;
