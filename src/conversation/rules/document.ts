import { readPath } from '../tree-path.ts';
import { isOwnDeviceFile, strayChange } from './changed-files.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** R43, R44: the state of a shared document. Its attachments are named after their content, which is what their blob's id is. */
export function judgeCheckpoint(facts: AuthoredFacts): Flaw | undefined {
  if (facts.founding.mode !== 'document') return flaw('R43', 'the conversation is no document');
  const isOwnDevice = isOwnDeviceFile(facts);
  return strayChange('R44', facts.changes, (change) => {
    const path = readPath(change.path);
    return isOwnDevice(change) || (path.area === 'attachments' && path.name === change.after?.id);
  });
}
