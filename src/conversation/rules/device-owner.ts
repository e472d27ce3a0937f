import type { ObjectId } from '../../ids.ts';
import type { Change } from '../tree/tree-changes.ts';
import type { Target } from '../tree-path.ts';
import { readPath } from '../tree-path.ts';
import type { CommitFacts } from './commit-facts.ts';

/** Whether a changed device file is the target's: its certificate names the account, or it is the very device. */
export function isDeviceOf({ certificates }: CommitFacts, change: Change, target: Target): boolean {
  const path = readPath(change.path);
  if (path.area !== 'devices') return false;
  return (
    path.device === target || [change.before?.id, change.after?.id].every((id) => isIssuedBy(certificates, id, target))
  );
}

function isIssuedBy(certificates: CommitFacts['certificates'], id: ObjectId | undefined, target: Target): boolean {
  if (id === undefined) return true;
  const file = certificates.get(id);
  return file?.outcome === 'read' && file.leaf.issuerUid === target;
}
