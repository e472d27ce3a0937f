import { expect, it } from 'vitest';
import { FINDABLE_LOOK_MS } from '../../../../src/limits.ts';
import { stayFindable } from '../../../../src/net/discovery/stay-findable.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

function aKey() {
  const clock = createVirtualClock();
  const over = new AbortController();
  const server = {
    relayAddresses: [] as string[],
    told: 0,
    foundAgain: 0,
    refresh() {
      server.told += 1;
    },
  };
  const onFoundAgain = () => {
    server.foundAgain += 1;
  };
  const staying = stayFindable(server, { clock, log: quietLog, signal: over.signal, onFoundAgain });
  return { clock, over, server, staying };
}

it('tells the way again for as long as no node knows it', async () => {
  const { clock, server } = aKey();
  await clock.advance(FINDABLE_LOOK_MS * 2);
  expect(server.told).toBe(2);
  server.relayAddresses = ['node'];
  await clock.advance(FINDABLE_LOOK_MS * 5);
  expect(server.told).toBe(2);
});

it('tells it again when the nodes that knew it have gone', async () => {
  const { clock, server } = aKey();
  server.relayAddresses = ['node'];
  await clock.advance(FINDABLE_LOOK_MS);
  server.relayAddresses = [];
  await clock.advance(FINDABLE_LOOK_MS);
  expect(server.told).toBe(1);
});

it('says once that nodes know it again, and nothing as long as they have known it all the time', async () => {
  const { clock, server } = aKey();
  server.relayAddresses = ['node'];
  await clock.advance(FINDABLE_LOOK_MS * 2);
  expect(server.foundAgain).toBe(0);
  server.relayAddresses = [];
  await clock.advance(FINDABLE_LOOK_MS);
  expect(server.foundAgain).toBe(0);
  server.relayAddresses = ['another'];
  await clock.advance(FINDABLE_LOOK_MS * 2);
  expect(server.foundAgain).toBe(1);
});

it('ends with the signal', async () => {
  const { clock, over, server, staying } = aKey();
  over.abort();
  await staying;
  await clock.advance(FINDABLE_LOOK_MS);
  expect(server.told).toBe(0);
});
