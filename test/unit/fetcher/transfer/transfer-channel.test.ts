import { describe, expect, it } from 'vitest';
import {
  interactionOfFile,
  parseTransferChannelName,
  transferChannelName,
} from '../../../../src/fetcher/transfer/transfer-channel.ts';
import { announcedFile } from '../../../support/fetcher/announced-file.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';

const { conversation, fileId, interaction } = announcedFile(new Uint8Array(0));
const receiver = somePeer('d').device;

describe('the name of a data-transfer channel', () => {
  it('names conversation, receiving device and file, and is read back', () => {
    const name = transferChannelName({ conversation, receiver, fileId });
    expect(name).toBe(`data-transfer://${conversation}/${receiver}/${fileId}`);
    expect(parseTransferChannelName(name)).toEqual({ conversation, receiver, fileId });
  });

  it.each([
    '',
    'git://x/y',
    `data-transfer://${conversation}/${receiver}`,
    `data-transfer://${conversation}/${receiver}/../../x`,
    `data-transfer://${conversation}/${receiver}/${fileId}/x`,
    `data-transfer://${conversation}/short/${fileId}`,
  ])('is not %j', (name) => {
    expect(parseTransferChannelName(name)).toBeUndefined();
  });

  it('tells the interaction by the name of the file', () => {
    expect(interactionOfFile(fileId)).toBe(interaction);
  });
});
