import { describe, expect, it } from 'vitest';
import type { LogView } from '../../../../../src/fetcher/ports.ts';
import { answerRequest } from '../../../../../src/fetcher/transfer/serve/answer-request.ts';
import { CommitId, ConversationId } from '../../../../../src/ids.ts';
import { announcedFile } from '../../../../support/fetcher/announced-file.ts';
import { somePeer } from '../../../../support/net/channel-pair.ts';

const file = announcedFile(new Uint8Array(10));
const asker = somePeer('d');
const request = { conversation: file.conversation, interaction: file.interaction, deviceId: asker.device };

/** A log of one conversation with one member, one file and one message that is none. */
const log: LogView = {
  hasConversation: (conversation) => conversation === file.conversation,
  isActiveMember: (_, account, device) => account === asker.account && device === asker.device,
  announcedFile: (_, interaction) => {
    if (interaction === file.interaction) return file;
    return interaction === 'b'.repeat(40) ? 'not-a-file' : 'unknown';
  },
};

describe('a request for a file', () => {
  it('is served when a member asks for itself for a file that is announced', () => {
    expect(answerRequest({ request, peer: asker, log })).toEqual({ serve: file });
  });

  it('is declined when the asking device is another than the one that would receive', () => {
    const peer = { ...asker, device: somePeer('e').device };
    expect(answerRequest({ request, peer, log })).toEqual({ declined: 'not-that-device' });
  });

  it('is declined for a conversation that is not here', () => {
    const elsewhere = { ...request, conversation: ConversationId.parse('0'.repeat(40)) };
    expect(answerRequest({ request: elsewhere, peer: asker, log })).toEqual({ declined: 'unknown-conversation' });
  });

  it('is declined when the device belongs to no member, whatever it asks for', () => {
    const stranger = { ...asker, account: somePeer('f').account };
    expect(answerRequest({ request, peer: stranger, log })).toEqual({ declined: 'not-a-member' });
    const guess = { ...request, interaction: CommitId.parse('1'.repeat(40)) };
    expect(answerRequest({ request: guess, peer: stranger, log })).toEqual({ declined: 'not-a-member' });
  });

  it('is declined for an interaction that is not here', () => {
    const unknown = { ...request, interaction: CommitId.parse('1'.repeat(40)) };
    expect(answerRequest({ request: unknown, peer: asker, log })).toEqual({ declined: 'unknown-interaction' });
  });

  it('is declined for an interaction that announces no file', () => {
    const message = { ...request, interaction: CommitId.parse('b'.repeat(40)) };
    expect(answerRequest({ request: message, peer: asker, log })).toEqual({ declined: 'not-a-file' });
  });

  it('is declined for a file whose announcement was taken back', () => {
    const deleted: LogView = { ...log, announcedFile: () => ({ ...file, isDeleted: true }) };
    expect(answerRequest({ request, peer: asker, log: deleted })).toEqual({ declined: 'deleted' });
  });
});
