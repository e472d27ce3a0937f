/** What a member wants, on a state that the test writes by hand, and what is decided. */
import { expect } from 'vitest';
import { decide, type Intent } from '../../../src/conversation/decisions/decide.ts';
import type { DecisionState, Self } from '../../../src/conversation/decisions/decision.ts';
import { membersAt } from '../../../src/conversation/membership/membership.ts';
import type { ConversationEvent } from '../../../src/events/conversation-event.ts';
import { decode } from '../../../src/events/decode.ts';
import { encode } from '../../../src/events/encode.ts';
import type { Mode } from '../../../src/events/kinds/conversation-created.ts';
import { AccountUri, CommitId, DeviceId, Digest } from '../../../src/ids.ts';
import { GOLDEN_EVENTS } from '../events/events.ts';
import { blobOf, treeOf } from '../git/trees.ts';

export const me = AccountUri.parse('a'.repeat(40));
export const other = AccountUri.parse('b'.repeat(40));
export const stranger = AccountUri.parse('c'.repeat(40));
export const device = DeviceId.parse('1'.repeat(64));
export const otherDevice = DeviceId.parse('2'.repeat(64));
export const known = CommitId.parse('d'.repeat(40));
export const unknown = CommitId.parse('e'.repeat(40));
export const deleted = CommitId.parse('1'.repeat(40));
export const self: Self = { account: me, device, deviceCertificate: 'DEVICE', accountCertificate: 'ACCOUNT' };

export const admin = { [`admins/${me}.crt`]: '', [`devices/${device}.crt`]: '' };

export function given(files: Record<string, string>, mode: Mode = 'invites-only') {
  const tree = treeOf(files);
  const founding = { conversation: undefined, mode, initialMembers: [me, other] };
  const membership = membersAt(tree, founding, new Map([[blobOf('MINE'), me]]));
  const said = (commit: CommitId) => LOG.get(commit);
  const isDeleted = (commit: CommitId) => commit === deleted;
  const hostsCall = (confId: string) => confId === 'running';
  const state: DecisionState = { self, tree, membership, said, isDeleted, hostsCall };
  return {
    when: (intent: Intent) => ({ gives: (expected: object) => expect(decide(state, intent)).toEqual(expected) }),
  };
}

export const numbered = (n: number) => CommitId.parse(String(n).repeat(40));
const saying = (event: ConversationEvent, author: AccountUri = me) => ({ author, content: decode(encode(event)) });
/** What stands in the log, beside what only has to be there. */
const LOG = new Map([
  [known, saying({ kind: 'message-sent', body: 'first' }, other)],
  [deleted, saying({ kind: 'message-sent', body: 'gone' })],
  [numbered(2), saying({ kind: 'message-sent', body: 'mine' })],
  [numbered(3), saying(GOLDEN_EVENTS['file-announced'])],
  [numbered(4), saying({ kind: 'message-sent', body: 'theirs' }, other)],
  [numbered(5), saying({ kind: 'member-joined', uri: me })],
  [numbered(6), saying({ kind: 'message-edited', body: 'new', edit: numbered(2) })],
  [numbered(7), saying({ kind: 'reaction-added', body: '+', reactTo: numbered(4) })],
]);

export const refused = (reason: string) => ({ refused: reason, detail: expect.any(String) });
export const text = (more = {}): Intent => ({ kind: 'send-text', body: 'hello', ...more });
export const file = (more = {}): Intent => ({
  kind: 'announce-file',
  displayName: 'a.png',
  sha3sum: Digest.parse('0'.repeat(128)),
  totalSize: 4,
  tid: '7',
  ...more,
});
