/**
 * The histories of `fixtures/conformance`: right ones, and for each rule at least two that break it in different ways.
 * All are forged into one store, on three beginnings that they share.
 */
import type { Rule } from '../../src/conversation/rules/rule.ts';
import type { CommitId } from '../../src/ids.ts';
import type { PeerIdentity } from '../../src/ports.ts';
import {
  attachment,
  type Broken,
  type Cast,
  CHECKPOINT,
  type Forging,
  forkOf,
  gatherCast,
  profile,
  revocations,
  type Told,
} from './conformance-cast.ts';
import { contentOnes, initialOnes, mergeOnes, signerOnes } from './conformance-content.ts';
import { banOnes, goingOnes, memberOnes, voteOnes } from './conformance-membership.ts';
import { certificateOnes, oversizeOnes, revokedOnes } from './conformance-odd.ts';
import { adminFiles, deviceFiles, type Forge } from './forge.ts';
import { ban, leave, member, NOBODY, text, unban } from './judged-group.ts';

export interface ConformanceHistory {
  readonly name: string;
  readonly head: CommitId;
  /** The rule that the commit breaks; both absent for a right history. */
  readonly rule?: Rule;
  readonly commit?: CommitId;
  /** Devices of which the reader has heard that their accounts revoked them; nobody's when absent. */
  readonly revoked?: readonly PeerIdentity[];
}

/** Forges all of them. */
export async function conformanceHistories(): Promise<{ forge: Forge; histories: readonly ConformanceHistory[] }> {
  const cast = await gatherCast();
  const histories: ConformanceHistory[] = [];
  for (const [name, ...steps] of rightOnes(cast)) {
    await inTurn(steps);
    histories.push({ name: `valid/${name}`, head: cast.forge.head, ...heardOf(cast, name) });
  }
  for (const [rule, [name, ...steps]] of brokenOnes(cast).flatMap(byRule)) {
    const commit = await inTurn([cast.at(cast.group), ...steps]);
    histories.push({ name: `${rule}/${name}`, head: cast.forge.head, rule, commit, ...heardOf(cast, rule) });
  }
  return { forge: cast.forge, histories };
}

function byRule(broken: Broken): readonly (readonly [Rule, Told])[] {
  const entries = Object.entries(broken) as [Rule, readonly Told[]][];
  return entries.flatMap(([rule, told]) => told.map((one) => [rule, one] as const));
}

/** What is about a revoked device is about the tablet. */
function heardOf({ tablet: { account, device } }: Cast, about: string): Pick<ConformanceHistory, 'revoked'> {
  return about.startsWith('REVOKED') || about.startsWith('revoked') ? { revoked: [{ account, device }] } : {};
}

async function inTurn(steps: readonly Forging[]): Promise<CommitId> {
  let last: CommitId | undefined;
  for (const step of steps) last = await step();
  if (!last) throw new TypeError('a history has a commit');
  return last;
}

function rightOnes(cast: Cast): readonly Told[] {
  const { forge, alice, bob, carol, tablet, group, pair, document, at } = cast;
  return [
    ['a-group', at(group), () => forge.join(carol)],
    ['one-to-one', at(pair), () => forge.say(bob, 'hello')],
    ['document', at(document), () => forge.commit({ by: alice, says: CHECKPOINT, files: attachment(forge, 'state') })],
    ['ban-and-unban', at(group), () => ban(cast, bob), () => unban(cast, bob), () => forge.say(bob, 'thank you')],
    [
      'ban-of-a-device',
      at(group),
      () => forge.say(tablet, 'hi', deviceFiles(tablet)),
      () => ban(cast, tablet, 'devices'),
    ],
    [
      'revoked-below-another',
      at(group),
      () => forge.say(tablet, 'hi', deviceFiles(tablet)),
      () => forge.say(bob, 'I saw that'),
    ],
    ['leave', at(group), () => leave(cast, bob)],
    ['edit', at(group), async () => forge.commit({ by: bob, says: { ...text, edit: await forge.say(bob, 'old') } })],
    [
      'revocations-told-and-taken-away',
      at(group),
      () =>
        forge.commit({
          by: alice,
          says: { type: 'initial', mode: 2 },
          files: { ...adminFiles(alice), ...revocations(alice) },
          on: [],
        }),
      () => forge.invite(alice, bob),
      () => forge.join(bob),
      () =>
        forge.commit({
          by: bob,
          says: member('add', NOBODY),
          files: { [`invited/${NOBODY}`]: '', ...revocations(bob) },
        }),
      () => leave(cast, bob, { [`CRLs/${bob.account}`]: undefined }),
    ],
    ['empty-vote', at(group), () => forge.commit({ by: bob, says: { type: 'vote', uri: NOBODY } })],
    ['unknown-type', at(group), () => forge.commit({ by: bob, says: { type: 'application/from-the-future' } })],
    ['profiles-merged', at(group), () => forkOf(cast, [() => profile(cast, 'one'), () => profile(cast, 'other')])],
    ['written-beside-a-ban', at(group), () => forkOf(cast, [() => ban(cast, bob), () => forge.say(bob, 'still here')])],
    [
      'joined-beside-a-ban',
      at(group),
      () => forkOf(cast, [() => ban(cast, carol, 'invited'), () => forge.join(carol)]),
    ],
  ];
}

function brokenOnes(cast: Cast): readonly Broken[] {
  const families = [initialOnes, voteOnes, memberOnes, goingOnes, banOnes, contentOnes, mergeOnes, signerOnes];
  return [...families, certificateOnes, oversizeOnes, revokedOnes].map((family) => family(cast));
}
