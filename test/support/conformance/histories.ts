/**
 * The histories of `fixtures/conformance`: right ones, and for each rule at least two that break it in different ways.
 * All are forged into one store, on three beginnings that they share.
 */
import type { Rule } from '../../../src/conversation/rules/rule.ts';
import type { CommitId } from '../../../src/ids.ts';
import type { PeerIdentity } from '../../../src/ports.ts';
import type { Forge } from '../conversation/forge.ts';
import { banOnes } from './bans.ts';
import { type Broken, type Cast, type Forging, gatherCast, type Told } from './cast.ts';
import { contentOnes, initialOnes, mergeOnes } from './content.ts';
import { goingOnes, memberOnes, voteOnes } from './membership.ts';
import { oversizeOnes, revokedOnes } from './odd.ts';
import { rightMembers, rightOnes } from './right.ts';
import { certificateOnes, signerOnes } from './signers.ts';

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
  for (const [name, ...steps] of [...rightOnes(cast), ...rightMembers(cast)]) {
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

function brokenOnes(cast: Cast): readonly Broken[] {
  const families = [initialOnes, voteOnes, memberOnes, goingOnes, banOnes, contentOnes, mergeOnes, signerOnes];
  return [...families, certificateOnes, oversizeOnes, revokedOnes].map((family) => family(cast));
}
