import { adminPath, memberPath } from '../tree-path.ts';
import { isAddition, isOwnDeviceFile, isRemoval, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R48, R49: messages, announcements, calls, and types that we do not know. */
export function judgeOther(facts: AuthoredFacts): Flaw | undefined {
  if (facts.founding.mode === 'document') return flaw('R48', `a document holds no ${facts.content.type}`);
  return judgeOwnCertificates(facts);
}

/** R49: a device may bring its certificate along, and both of its certificates may be renewed; nothing else changes. */
function judgeOwnCertificates(facts: AuthoredFacts): Flaw | undefined {
  const { signer, changes } = facts;
  const isOwnDevice = isOwnDeviceFile(facts);
  const renewable = new Set([adminPath(signer.uri), memberPath(signer.uri)]);
  const stray = strayChange('R49', changes, (change) => {
    const isRenewal = !isAddition(change) && !isRemoval(change) && renewable.has(change.path);
    return isRenewal || isOwnDevice(change);
  });
  return stray ?? judgeRenewals(facts, renewable);
}

/** The signature's rules look at the admin's file where there are two; a renewed one keeps its key wherever it stands. */
function judgeRenewals({ signer, changes, certificates }: AuthoredFacts, renewable: ReadonlySet<string>) {
  for (const { path, after } of changes) {
    if (!after || !renewable.has(path)) continue;
    const file = certificates.get(after.id);
    if (file?.outcome !== 'read' || file.leaf.shortId !== signer.uri || !file.isCertified)
      return flaw('R49', `${path} is renewed with a certificate that is not ${signer.uri}'s`, path);
  }
  return undefined;
}
