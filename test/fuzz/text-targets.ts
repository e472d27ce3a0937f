/** What is written as text: certificates, bodies of commits, records of the journal, words between devices. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseProfileCard } from '../../src/conversation/profile-card.ts';
import { CommitAnnouncement, decodePeerMessage, Invite } from '../../src/engine/devices/peer-message.ts';
import { decode } from '../../src/events/decode.ts';
import { JournalRecord } from '../../src/events/journal-record.ts';
import { unpackHoldings } from '../../src/events/peer/holdings.ts';
import { parseRevocationList } from '../../src/identity/crl-adapter.ts';
import { parseCertificates } from '../../src/identity/x509-adapter.ts';
import { createMessageReader, encodeMessage } from '../../src/net/signalling/message-codec.ts';
import { parseGreeting, parseSignal } from '../../src/net/signalling/signal.ts';
import { evolveJournal, initialJournalState } from '../../src/projections/journal/journal-state.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJsonText } from './mutate-json.ts';
import type { FuzzTarget } from './target.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');
const textsIn = (folder: string) =>
  readdirSync(join(FIXTURES, folder)).map((name) => readFileSync(join(FIXTURES, folder, name), 'utf8'));

const EVENTS = textsIn('events').filter((text) => text.startsWith('{'));
const RECORDS = textsIn('journal');
const CERTIFICATES = ['ca', 'account', 'device'].map((name) => readFileSync(join(FIXTURES, `vectors/${name}.crt`)));
const CARD = 'BEGIN:VCARD\nVERSION:2.1\nFN:Holidays\nDESCRIPTION:x\nPHOTO;ENCODING=BASE64:AAAA\n\n\nEND:VCARD';
const ID = 'ab'.repeat(20);
const MESSAGES = [
  JSON.stringify({ type: 'application/im-gitmessage-id', content: { id: ID, commit: ID, deviceId: 'cd'.repeat(32) } }),
  JSON.stringify({
    type: 'application/invite+json',
    content: { conversationId: ID, metadatas: { mode: 2 }, receivedMs: 1 },
  }),
];
const SIGNALS: readonly object[] = [
  { kind: 'hello', version: 1, chain: 'PEM', binding: 'AAAA' },
  { kind: 'refusal', reason: 'banned' },
  { kind: 'offer', id: 7, connType: 'tcp', description: 'ufrag\npwd\n' },
];

const textOf = (input: Uint8Array) => Buffer.from(input).toString('utf8');

/** The bytes that the text stands for, changed and put into text again; or the text itself changed. */
function drawCertificate(draw: Draw): Uint8Array {
  const pem = draw.pick(CERTIFICATES);
  if (draw.oneIn(3)) return mutateBytes(pem, draw);
  const body = pem.toString('latin1').replace(/-----[^-]+-----/g, '');
  const der = Buffer.from(mutateBytes(Buffer.from(body, 'base64'), draw));
  if (draw.oneIn(3)) return der;
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`);
}

export const TEXT_TARGETS: readonly FuzzTarget[] = [
  { name: 'certificate', draw: drawCertificate, read: parseCertificates },
  { name: 'revocation-list', draw: drawCertificate, read: parseRevocationList },
  {
    name: 'commit-body',
    draw: (draw) => mutateJsonText(draw.pick(EVENTS), draw),
    read: (input) => decode(textOf(input)),
  },
  {
    name: 'journal-record',
    draw: (draw) => mutateJsonText(draw.pick(RECORDS), draw),
    read(input) {
      const record = JournalRecord.safeParse(parsed(input));
      if (record.success) evolveJournal(initialJournalState, record.data);
    },
  },
  {
    name: 'peer-message',
    draw: (draw) => mutateJsonText(draw.pick(MESSAGES), draw),
    read(input) {
      const { content } = decodePeerMessage(input);
      CommitAnnouncement.safeParse(content);
      Invite.safeParse(content);
    },
  },
  {
    name: 'signal',
    draw(draw) {
      const message = encodeMessage(draw.pick(SIGNALS));
      if (draw.oneIn(3)) return mutateBytes(message, draw);
      const text = mutateJsonText(Buffer.from(message.subarray(4)).toString(), draw);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.byteLength);
      return Buffer.concat([length, text]);
    },
    read(input) {
      for (const message of createMessageReader().push(input)) parseEither(message);
    },
  },
  {
    name: 'profile-card',
    draw: (draw) => mutateBytes(Buffer.from(CARD), draw),
    read: (input) => parseProfileCard(textOf(input)),
  },
  {
    name: 'holdings',
    draw: (draw) => mutateBytes(Buffer.from('AAECAwQFBgcICQoLDA0ODw=='), draw),
    read: (input) => unpackHoldings(textOf(input)),
  },
];

function parseEither(message: unknown): void {
  try {
    parseGreeting(message);
  } finally {
    parseSignal(message);
  }
}

function parsed(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input));
  } catch {
    return undefined;
  }
}
