/** One journal record of each kind, and a generator of any. A kind that is missing here does not compile. */
import fc from 'fast-check';
import {
  type JournalRecord,
  OFFER_ANSWERS,
  type RecordOf,
  SUB_TRANSFER_FAILURES,
} from '../../../src/events/journal-record.ts';
import { MODES } from '../../../src/events/kinds/conversation-created.ts';
import { DECLINE_REASONS } from '../../../src/events/peer/file-request.ts';
import { holdingKey, packHoldings } from '../../../src/events/peer/holdings.ts';
import { AccountUri, CommitId, ConversationId, DeviceId, FileId } from '../../../src/ids.ts';

export type RecordKind = JournalRecord['kind'];

const conversation = ConversationId.parse('d26b539b1b9aff99e606efbbb6762c1db2087043');
const interaction = CommitId.parse('3efec1865deb64d7ab03f6a94d8a41ba76b8babf');
const fileId = FileId.parse(`${interaction}_7305216948017365.txt`);
const file = { conversation, interaction, fileId };
const device = DeviceId.parse('6c76a6eb8bdc38db7f78482cc61b7c41d2fb1a13df0c20d917ca685c2ccbd93f');
const uri = AccountUri.parse('d9e99026402e3d80512b78edd34f8b08c08cc694');
const at = 1_795_000_000_123;

/** The records behind `fixtures/journal/<kind>.json`. */
export const GOLDEN_RECORDS: { readonly [Kind in RecordKind]: RecordOf<Kind> } = {
  'commit-admitted': { kind: 'commit-admitted', conversation, commit: interaction, from: device, at },
  'batch-refused': {
    ...{ kind: 'batch-refused', conversation, head: interaction, from: device, commit: interaction, rule: 'V6', at },
  },
  'invitation-received': {
    ...{ kind: 'invitation-received', conversation, from: uri, device, mode: 'invites-only', title: 'Garden', at },
  },
  'file-verified': { kind: 'file-verified', ...file, size: 12, mtimeMs: 1_795_000_000_000.25, inode: 4711, at },
  'file-found-lacking': {
    ...{ kind: 'file-found-lacking', ...file, state: 'partial', size: 5, mtimeMs: 0, inode: 0, at },
  },
  'file-requested': { kind: 'file-requested', ...file, from: device, at },
  'request-declined': { kind: 'request-declined', ...file, from: device, reason: 'has-not', at },
  'sub-transfer-started': {
    ...{ kind: 'sub-transfer-started', ...file, peer: device, direction: 'receiving', start: 5, at },
  },
  'sub-transfer-progressed': { kind: 'sub-transfer-progressed', ...file, peer: device, bytes: 9, at },
  'sub-transfer-ended': {
    ...{
      kind: 'sub-transfer-ended',
      ...file,
      peer: device,
      direction: 'receiving',
      outcome: 'complete',
      bytes: 12,
      at,
    },
  },
  'sub-transfer-offered': { kind: 'sub-transfer-offered', ...file, peer: device, at },
  'offer-answered': { kind: 'offer-answered', ...file, peer: device, answer: 'awaiting', at },
  'file-offered': { kind: 'file-offered', ...file, from: device, at },
  'chunks-checked': { kind: 'chunks-checked', ...file, ranges: [[0, 1048576]], at },
  'file-accepted': { kind: 'file-accepted', ...file, at },
  'file-cancelled': { kind: 'file-cancelled', ...file, at },
  'file-refused': { kind: 'file-refused', ...file, at },
  'file-paused': { kind: 'file-paused', ...file, at },
  'file-removed': { kind: 'file-removed', ...file, why: 'evicted', at },
  'holdings-told': {
    ...{
      kind: 'holdings-told',
      conversation,
      from: device,
      isAll: true,
      has: packHoldings([holdingKey(interaction)]),
      lacks: '',
      at,
    },
  },
  'conversation-told': {
    ...{
      kind: 'conversation-told',
      conversation,
      from: device,
      mode: 'invites-only',
      title: 'Garden',
      people: [uri],
      at,
    },
  },
  'device-revoked': { kind: 'device-revoked', account: uri, device, at },
  'ban-told': { kind: 'ban-told', conversation, commit: interaction, by: uri, at },
  'device-seen': { kind: 'device-seen', account: uri, device, at },
};

export const RECORD_KINDS = Object.keys(GOLDEN_RECORDS) as RecordKind[];

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const counts = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const stamps = fc.double({ min: 0, max: 2 ** 45, noNaN: true }).filter((stamp) => !Object.is(stamp, -0));
const devices = hex(64).map((text) => DeviceId.parse(text));
const accounts = hex(40).map((text) => AccountUri.parse(text));
const commits = hex(40).map((text) => CommitId.parse(text));
const conversations = hex(40).map((text) => ConversationId.parse(text));
const anyFile = {
  conversation: conversations,
  interaction: commits,
  fileId: hex(40).map((text) => FileId.parse(`${text}_1.txt`)),
};
const packed = fc.array(commits).map((ids) => packHoldings(ids.map(holdingKey)));
const directions = fc.constantFrom('receiving', 'serving');
const reasons = fc.constantFrom(...DECLINE_REASONS, 'no-answer', 'not-reachable');
const outcomes = fc.constantFrom('complete', ...SUB_TRANSFER_FAILURES);
const is = <Kind extends RecordKind>(kind: Kind) => ({ kind: fc.constant(kind), at: counts });

const paths = fc.record({
  ...{ kind: fc.constantFrom('tcp' as const, 'udp' as const), link: fc.constantFrom('lan' as const, 'relay' as const) },
  ...{ local: fc.string(), remote: fc.string() },
});

/** With and without the path of the link. */
function withPath<One extends object>(records: fc.Arbitrary<One>): fc.Arbitrary<One> {
  return fc.oneof(
    records,
    fc.tuple(records, paths).map(([record, path]) => ({ ...record, path })),
  );
}

/** Any record, by kind. */
export const ANY_RECORD: { readonly [Kind in RecordKind]: fc.Arbitrary<RecordOf<Kind>> } = {
  'commit-admitted': fc.record(
    { ...is('commit-admitted'), conversation: conversations, commit: commits, from: devices },
    { requiredKeys: ['kind', 'conversation', 'commit', 'at'] },
  ),
  'batch-refused': fc.record(
    {
      ...is('batch-refused'),
      ...{ conversation: conversations, head: commits, from: devices, commit: commits, rule: fc.string() },
      ...{ why: fc.constantFrom('broken', 'unmergeable'), message: fc.string(), file: fc.string() },
    },
    { requiredKeys: ['kind', 'conversation', 'head', 'from', 'commit', 'rule', 'at'] },
  ),
  'invitation-received': fc.record(
    {
      ...is('invitation-received'),
      ...{ conversation: conversations, from: accounts, device: devices },
      ...{ mode: fc.constantFrom(...MODES), title: fc.string() },
    },
    { requiredKeys: ['kind', 'conversation', 'from', 'device', 'mode', 'at'] },
  ),
  'file-verified': fc.record({
    ...is('file-verified'),
    ...{ ...anyFile, size: counts, mtimeMs: stamps, inode: stamps },
  }),
  'file-found-lacking': fc.record({
    ...is('file-found-lacking'),
    ...{ ...anyFile, size: counts, mtimeMs: stamps, inode: stamps },
    state: fc.constantFrom('missing', 'partial', 'corrupt'),
  }),
  'file-requested': withPath(fc.record({ ...is('file-requested'), ...anyFile, from: devices })),
  'request-declined': fc.record({ ...is('request-declined'), ...anyFile, from: devices, reason: reasons }),
  'sub-transfer-started': withPath(
    fc.record({
      ...is('sub-transfer-started'),
      ...{ ...anyFile, peer: devices, direction: directions, start: counts },
    }),
  ),
  'sub-transfer-progressed': fc.record({ ...is('sub-transfer-progressed'), ...anyFile, peer: devices, bytes: counts }),
  'sub-transfer-ended': fc.record({
    ...is('sub-transfer-ended'),
    ...{ ...anyFile, peer: devices, direction: directions, outcome: outcomes, bytes: counts },
  }),
  'file-accepted': fc.record({ ...is('file-accepted'), ...anyFile }),
  'file-cancelled': fc.record({ ...is('file-cancelled'), ...anyFile }),
  'file-refused': fc.record({ ...is('file-refused'), ...anyFile }),
  'file-paused': fc.record({ ...is('file-paused'), ...anyFile }),
  'file-removed': fc.record({ ...is('file-removed'), ...anyFile, why: fc.constantFrom('deleted', 'evicted') }),
  'sub-transfer-offered': fc.record({ ...is('sub-transfer-offered'), ...anyFile, peer: devices }),
  'offer-answered': fc.record({
    ...is('offer-answered'),
    ...{ ...anyFile, peer: devices, answer: fc.constantFrom(...OFFER_ANSWERS) },
  }),
  'file-offered': fc.record({ ...is('file-offered'), ...anyFile, from: devices }),
  'chunks-checked': fc.record({
    ...is('chunks-checked'),
    ...{ ...anyFile, ranges: fc.array(fc.tuple(counts, counts)) },
  }),
  'holdings-told': fc.record({
    ...is('holdings-told'),
    ...{ conversation: conversations, from: devices, isAll: fc.boolean(), has: packed, lacks: packed },
  }),
  'conversation-told': fc.record(
    {
      ...is('conversation-told'),
      ...{ conversation: conversations, from: devices, mode: fc.constantFrom(...MODES), title: fc.string() },
      people: fc.array(accounts),
    },
    { requiredKeys: ['kind', 'conversation', 'mode', 'people', 'at'] },
  ),
  'device-revoked': fc.record({ ...is('device-revoked'), account: accounts, device: devices }),
  'ban-told': fc.record({ ...is('ban-told'), conversation: conversations, commit: commits, by: accounts }),
  'device-seen': fc.record({ ...is('device-seen'), account: accounts, device: devices }),
};
