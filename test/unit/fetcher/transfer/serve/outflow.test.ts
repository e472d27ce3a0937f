import { describe, expect, it } from 'vitest';
import { createPace, shareOf } from '../../../../../src/fetcher/pace/pace.ts';
import { type Outflow, openOutflow } from '../../../../../src/fetcher/transfer/serve/outflow.ts';
import { TRANSFER_RANGES_WAITING } from '../../../../../src/limits.ts';
import { announcedFile, inChunks, someBytes } from '../../../../support/fetcher/announced-file.ts';
import { channelPair } from '../../../../support/net/channel-pair.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const bytes = someBytes(2 * (TRANSFER_RANGES_WAITING + 1));
const file = inChunks(announcedFile(bytes), bytes, 65_536);

/** The outflow of the file to a receiver that reads nothing, and how often it had too much to do. */
function outflow(): { readonly flow: Outflow; tooMuch(): number } {
  const source = { read: async () => {} };
  const { left: channel } = channelPair('data-transfer', { windowBytes: 1 });
  let tooMuch = 0;
  const flow = openOutflow({
    ...{ file, source, channel },
    pace: shareOf(createPace(createVirtualClock()), 'everybody'),
    chunkHashes: async () => new Uint8Array(0),
    onSent: () => {},
    onSentAll: () => {},
    onTooMuch: () => {
      tooMuch += 1;
    },
    onFailed: () => {},
  });
  return { flow, tooMuch: () => tooMuch };
}

/** Single bytes that lie apart, so that none of them are one range. */
const apart = (count: number, first = 0) =>
  Array.from({ length: count }, (_, place) => [2 * (first + place), 2 * (first + place) + 1] as const);

describe('what flows to a receiver', () => {
  it('may be asked for in as many ranges as may wait, and not in one more', () => {
    const { flow, tooMuch } = outflow();
    flow.send({ ranges: apart(TRANSFER_RANGES_WAITING), hashes: false });
    expect(tooMuch()).toBe(0);
    flow.send({ ranges: apart(1, TRANSFER_RANGES_WAITING), hashes: false });
    expect(tooMuch()).toBe(1);
  });

  it('leaves room for others when the receiver wants some of it no longer', () => {
    const { flow, tooMuch } = outflow();
    flow.send({ ranges: apart(TRANSFER_RANGES_WAITING), hashes: false });
    flow.skip(apart(1));
    flow.send({ ranges: apart(1, TRANSFER_RANGES_WAITING), hashes: false });
    expect(tooMuch()).toBe(0);
  });
});
