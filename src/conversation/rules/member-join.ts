import type { AccountUri } from '../../ids.ts';
import { invitedPath, memberPath } from '../tree-path.ts';
import { isAddition, isOwnDeviceFile, isRemoval, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R29–R32: an invited member becomes one. */
export function judgeJoin(facts: AuthoredFacts, uri: AccountUri): Flaw | undefined {
  const { changes, signer, certificates } = facts;
  const [invited, member] = [invitedPath(uri), memberPath(uri)];
  const isOwnDevice = isOwnDeviceFile(facts);
  const isAllowed = (path: string) => path === invited || path === member;
  const stray = strayChange('R29', changes, (change) => isAllowed(change.path) || isOwnDevice(change));
  if (stray) return stray;
  const invitation = changes.find(({ path }) => path === invited);
  if (!invitation || !isRemoval(invitation)) return flaw('R30', `${invited} is not used up`, invited);
  const membership = changes.find(({ path }) => path === member);
  if (!membership?.after || !isAddition(membership)) return flaw('R31', `${member} is not made`, member);
  if (signer.uri !== uri) return flaw('R32', `${signer.uri} joins in the name of ${uri}`, member);
  // An admin that is invited has two files, and who signed is judged by the other one.
  const file = certificates.get(membership.after.id);
  const isOwn = file?.outcome === 'read' && file.leaf.shortId === uri && file.isCertified;
  return isOwn ? undefined : flaw('R32', `${member} holds no certificate of ${uri} by an authority`, member);
}
