/** One event of each kind, and generators of any. A kind that is missing here does not compile. */
import fc from 'fast-check';
import type { ConversationEvent } from '../../../src/events/conversation-event.ts';
import { isSafeDisplayName } from '../../../src/events/file-id.ts';
import { MODES } from '../../../src/events/kinds/conversation-created.ts';
import { AccountUri, ChunkRoot, CommitId, ConversationId, DeviceId, Digest } from '../../../src/ids.ts';
import { CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, CHUNKS_PER_FILE } from '../../../src/limits.ts';

export type EventKind = ConversationEvent['kind'];
export type EventOf<Kind extends EventKind> = Extract<ConversationEvent, { kind: Kind }>;

const uri = AccountUri.parse('d9e99026402e3d80512b78edd34f8b08c08cc694');
const device = DeviceId.parse('6c76a6eb8bdc38db7f78482cc61b7c41d2fb1a13df0c20d917ca685c2ccbd93f');
const commit = CommitId.parse('8ee88b1d72bf1bff95b1169b4858f1593982c1fe');
const parent = ConversationId.parse('d26b539b1b9aff99e606efbbb6762c1db2087043');
const sha3sum = Digest.parse(
  '4a936cbc1db296bd08d1c0bbf5a66a1897f35ee6d93047e0edff893dfbcba02f1e1570e85d1187ea26bea6d54199e0656f1b7c21b9cc2102b8ed2a12769f4531',
);

const chunkRoot = ChunkRoot.parse('3f0a377ba0a4a460ecb616f6507ce0d8cfa3e704025d4fda3ed0c5ca05468728');

/** The events behind `fixtures/events/<kind>.txt`. */
export const GOLDEN_EVENTS: { readonly [Kind in EventKind]: EventOf<Kind> } = {
  'conversation-created': { kind: 'conversation-created', mode: 'one-to-one', invited: uri },
  'member-added': { kind: 'member-added', uri },
  'member-joined': { kind: 'member-joined', uri },
  'member-left': { kind: 'member-left', uri },
  'member-banned': { kind: 'member-banned', uri: device },
  'member-unbanned': { kind: 'member-unbanned', uri },
  'vote-cast': { kind: 'vote-cast', uri },
  'message-sent': { kind: 'message-sent', body: 'h\u00e9llo / "w\u00f6rld"\n\ud83d\udc4b\u007f', replyTo: commit },
  'reaction-added': { kind: 'reaction-added', body: '\ud83d\udc4d', reactTo: commit },
  'message-edited': { kind: 'message-edited', body: 'new', edit: commit },
  'message-deleted': { kind: 'message-deleted', edit: commit },
  'file-announced': {
    ...{ kind: 'file-announced', displayName: 'a.png', sha3sum, tid: '7305216948017365', totalSize: 3_000_000 },
    replyTo: commit,
    chunks: { size: 1_048_576, root: chunkRoot },
  },
  'file-deleted': { kind: 'file-deleted', edit: commit },
  'call-ended': { kind: 'call-ended', to: uri, duration: 61_000, reason: 'busy' },
  'group-call-started': { kind: 'group-call-started', confId: '1234567890', device, uri },
  'group-call-ended': { kind: 'group-call-ended', confId: '1234567890', device, uri, duration: 0 },
  'profile-updated': { kind: 'profile-updated' },
  'document-announced': { kind: 'document-announced', displayName: 'plan', mimeType: 'text/html', uri: parent },
  'document-removed': { kind: 'document-removed', edit: commit },
  'checkpoint-stored': { kind: 'checkpoint-stored', body: 'AAEC\nAwQF' },
};

export const EVENT_KINDS = Object.keys(GOLDEN_EVENTS) as EventKind[];

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const uris = hex(40).map((text) => AccountUri.parse(text));
const devices = hex(64).map((text) => DeviceId.parse(text));
const commits = hex(40).map((text) => CommitId.parse(text));
const targets = fc.oneof(uris, devices);
/** Whole characters of every plane. Lone surrogates are not text: the format replaces them. */
const texts = fc.string({ unit: 'binary' });
const someText = fc.string({ unit: 'binary', minLength: 1 });
const counts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const tids = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(String);

const chunks = fc.record({
  size: fc.integer({ min: Math.log2(CHUNK_BYTES_MIN), max: Math.log2(CHUNK_BYTES_MAX) }).map((power) => 2 ** power),
  root: hex(64).map((text) => ChunkRoot.parse(text)),
});
const announcement = {
  kind: fc.constant('file-announced' as const),
  displayName: texts.filter(isSafeDisplayName),
  sha3sum: hex(128).map((text) => Digest.parse(text)),
  tid: tids,
  totalSize: counts,
  replyTo: commits,
};

/** Any event, by kind. */
export const ANY_EVENT: { readonly [Kind in EventKind]: fc.Arbitrary<EventOf<Kind>> } = {
  'conversation-created': fc.record(
    {
      kind: fc.constant('conversation-created'),
      mode: fc.constantFrom(...MODES),
      invited: uris,
      parent: commits.map((id) => ConversationId.parse(id)),
      mimeType: someText,
    },
    { requiredKeys: ['kind', 'mode'] },
  ),
  'member-added': fc.record({ kind: fc.constant('member-added'), uri: uris }),
  'member-joined': fc.record({ kind: fc.constant('member-joined'), uri: uris }),
  'member-left': fc.record({ kind: fc.constant('member-left'), uri: uris }),
  'member-banned': fc.record({ kind: fc.constant('member-banned'), uri: targets }),
  'member-unbanned': fc.record({ kind: fc.constant('member-unbanned'), uri: targets }),
  'vote-cast': fc.record({ kind: fc.constant('vote-cast'), uri: targets }),
  'message-sent': fc.record(
    { kind: fc.constant('message-sent'), body: texts, replyTo: commits },
    { requiredKeys: ['kind', 'body'] },
  ),
  'reaction-added': fc.record({ kind: fc.constant('reaction-added'), body: texts, reactTo: commits }),
  'message-edited': fc.record({ kind: fc.constant('message-edited'), body: someText, edit: commits }),
  'message-deleted': fc.record({ kind: fc.constant('message-deleted'), edit: commits }),
  'file-announced': fc.oneof(
    fc.record(announcement, { requiredKeys: ['kind', 'displayName', 'sha3sum', 'tid', 'totalSize'] }),
    fc.record({ ...announcement, totalSize: fc.integer({ min: 1, max: CHUNK_BYTES_MIN * CHUNKS_PER_FILE }), chunks }),
  ),
  'file-deleted': fc.record({ kind: fc.constant('file-deleted'), edit: commits }),
  'call-ended': fc.record(
    { kind: fc.constant('call-ended'), to: texts, duration: counts, reason: someText },
    { requiredKeys: ['kind', 'to', 'duration'] },
  ),
  'group-call-started': fc.record({
    ...{ kind: fc.constant('group-call-started'), confId: someText, device: devices, uri: uris },
  }),
  'group-call-ended': fc.record({
    ...{ kind: fc.constant('group-call-ended'), confId: someText, device: devices, uri: uris, duration: counts },
  }),
  'profile-updated': fc.constant({ kind: 'profile-updated' }),
  'document-announced': fc.record(
    { kind: fc.constant('document-announced'), displayName: someText, mimeType: someText, uri: someText },
    { requiredKeys: ['kind', 'uri'] },
  ),
  'document-removed': fc.record({ kind: fc.constant('document-removed'), edit: commits }),
  'checkpoint-stored': fc.record({ kind: fc.constant('checkpoint-stored'), body: texts }),
};
