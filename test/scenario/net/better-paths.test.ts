/** A link that begins on the second best path goes on on the best one when that is free, and nobody on it notices. */
import { afterEach, expect, it } from 'vitest';
import { createNet, type NetOptions, pathMakers } from '../../../src/net/create-net.ts';
import type { PathMaker } from '../../../src/net/paths/path.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { createTestNets, type TestNets } from '../../support/net/nets.ts';
import { patience } from '../../support/time/patience.ts';

let nets: TestNets | undefined;
afterEach(() => nets?.[Symbol.asyncDispose]());

const MESSAGES = 120;
const signal = patience();

/** TCP fails for as long as the gate is shut. */
function gated(gate: { isOpen: boolean }): typeof pathMakers {
  const refusing = (maker: PathMaker): PathMaker => ({
    ...maker,
    attempt(options) {
      const attempt = maker.attempt(options);
      const describe: typeof attempt.describe = async (offer) => {
        if (!gate.isOpen) throw new Error('the gate is shut');
        return attempt.describe(offer);
      };
      return { ...attempt, describe };
    },
  });
  return (options: NetOptions, ground) =>
    pathMakers(options, ground).map((maker) => (maker.kind === 'tcp' ? refusing(maker) : maker));
}

it('moves to TCP in the middle of a channel', async () => {
  nets = await createTestNets();
  const gate = { isOpen: false };
  const makeNet = (options: NetOptions) => createNet(options, gated(gate));
  const dialer = await nets.add({ keys: await testAccount('alice'), paths: ['tcp', 'udp'], makeNet });
  const answerer = await nets.add({ keys: await testAccount('bob'), paths: ['tcp', 'udp'] });
  const { device } = await testAccount('bob');

  const channel = await dialer.net.openChannel(device, 'talk', { signal });
  expect(dialer.net.links()).toMatchObject([{ path: { kind: 'udp' } }]);
  await answerer.until(() => answerer.served.length > 0);
  const [served] = answerer.served;
  const heard: number[] = [];
  const listening = (async () => {
    for await (const message of served?.messages({ signal }) ?? []) heard.push(Buffer.from(message).readUInt32BE());
  })();

  const say = async (from: number, to: number) => {
    for (let number = from; number < to; number += 1) {
      const message = Buffer.alloc(64 * 1024);
      message.writeUInt32BE(number);
      await channel.send(message);
    }
  };
  await say(0, MESSAGES / 4);
  gate.isOpen = true;
  dialer.net.seekBetterPaths();
  await say(MESSAGES / 4, MESSAGES / 2);
  const isOnTcp = ({ net }: typeof dialer) => net.links().some(({ path }) => path.kind === 'tcp');
  await Promise.all([dialer.until(() => isOnTcp(dialer)), answerer.until(() => isOnTcp(answerer))]);
  await say(MESSAGES / 2, MESSAGES);
  await channel.end({ signal });
  await listening;

  expect(heard).toEqual(Array.from({ length: MESSAGES }, (_, number) => number));
  const kinds = (changes: typeof dialer.changes) => changes.map(({ kind }) => kind);
  expect([kinds(dialer.changes), kinds(answerer.changes)]).toEqual([
    ['link-up', 'link-moved'],
    ['link-up', 'link-moved'],
  ]);
});
