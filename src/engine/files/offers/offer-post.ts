import { FILE_OFFER_ANSWER_TYPE, FILE_OFFER_TYPE, type OfferAnswer } from '../../../events/peer/file-offer.ts';
import type { CommitId, ConversationId, DeviceId } from '../../../ids.ts';
import { OFFERS_EVERY_MS, OFFERS_PER_MESSAGE } from '../../../limits.ts';
import type { Clock } from '../../../ports.ts';
import type { Messenger } from '../../devices/messenger.ts';

/** Gathers offers and answers for a moment, so that a thousand files are a few messages. */
export interface OfferPost {
  offer(to: DeviceId, file: OneFile): void;
  /** Of several answers on one file the latest is told. */
  answer(to: DeviceId, file: OneFile & { readonly answer: OfferAnswer }): void;
}

interface OneFile {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
}

interface Letter {
  readonly to: DeviceId;
  readonly conversation: ConversationId;
  /** By interaction; undefined: it is offered. */
  readonly files: Map<CommitId, OfferAnswer | undefined>;
}

export interface OfferPostParts {
  readonly messenger: Pick<Messenger, 'send'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function createOfferPost({ messenger, clock, signal }: OfferPostParts): OfferPost {
  const letters = new Map<string, Letter>();

  function put(to: DeviceId, { conversation, interaction, answer }: OneFile & { answer?: OfferAnswer }): void {
    if (letters.size === 0) clock.wait(OFFERS_EVERY_MS, signal).then(sendAll, () => {});
    const key = `${to} ${conversation} ${answer === undefined}`;
    const letter = letters.get(key) ?? { to, conversation, files: new Map() };
    letters.set(key, letter);
    letter.files.set(interaction, answer);
  }

  function sendAll(): void {
    const all = [...letters.values()];
    letters.clear();
    for (const letter of all) for (const message of messagesOf(letter)) void messenger.send(letter.to, message);
  }

  return { offer: put, answer: put };
}

/** A device that cannot be told now is told again when it links. */
function messagesOf({ conversation, files }: Letter) {
  const all = [...files];
  const count = Math.ceil(all.length / OFFERS_PER_MESSAGE);
  return Array.from({ length: count }, (_, i) => {
    const some = all.slice(i * OFFERS_PER_MESSAGE, (i + 1) * OFFERS_PER_MESSAGE);
    const answers = some.flatMap(([interaction, answer]) => (answer === undefined ? [] : [{ interaction, answer }]));
    if (answers.length > 0) return { type: FILE_OFFER_ANSWER_TYPE, content: { conversation, answers } };
    const interactions = some.map(([interaction]) => interaction);
    return { type: FILE_OFFER_TYPE, content: { conversation, interactions } };
  });
}
