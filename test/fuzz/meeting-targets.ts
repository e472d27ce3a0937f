/** What is said where devices meet that no stream of the DHT brings together: at gates, and in records. */
import { createGateDesk } from '../../src/net/gate/gate-desk.ts';
import {
  encodePreamble,
  type FromGate,
  type FromGuest,
  parseFromGate,
  readPreamble,
} from '../../src/net/gate/gate-message.ts';
import { publicKeyOf } from '../../src/net/records/agree-on-secret.ts';
import { createPageReader, pagesOf } from '../../src/net/records/pages.ts';
import { makeRing, openRing } from '../../src/net/records/ring.ts';
import { createMessageReader, encodeMessage } from '../../src/net/signalling/message-codec.ts';
import type { DrainedSignals } from '../../src/net/signalling/noise-signals-adapter.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJsonText } from './mutate-json.ts';
import type { FuzzTarget } from './target.ts';

const [KEY, TOPIC, TICKET] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
const OWN_KEY = Buffer.from(KEY, 'hex');

const FROM_GUEST: readonly FromGuest[] = [
  { kind: 'enter', version: 1, topics: [TOPIC] },
  { kind: 'look-up', id: 1, topic: TOPIC },
  { kind: 'connect', id: 2, key: KEY },
  { kind: 'ping' },
];
const FROM_GATE: readonly FromGate[] = [
  { kind: 'entered' },
  { kind: 'found', id: 1, keys: [KEY, KEY] },
  { kind: 'ticket', id: 2, ticket: TICKET },
  { kind: 'ticket', id: 3 },
  { kind: 'incoming', ticket: TICKET },
  { kind: 'pong' },
];

const one = (message: object, draw: Draw): Uint8Array => mutateJsonText(JSON.stringify(message), draw);

/** One to a line. The first word is mostly right: a gate listens to nobody who has not entered. */
function drawGuest(draw: Draw): Uint8Array {
  const [enter = {}] = FROM_GUEST;
  const words = Array.from({ length: 1 + draw.below(5) }, () => draw.pick(FROM_GUEST));
  const first = draw.oneIn(4) ? one(enter, draw) : Buffer.from(JSON.stringify(enter));
  const rest = words.map((word) => (draw.oneIn(2) ? one(word, draw) : Buffer.from(JSON.stringify(word))));
  return Buffer.concat([first, ...rest.flatMap((word) => [NEW_LINE, word])]);
}

const NEW_LINE = Buffer.from('\n');

/** Undefined for what is no JSON: such a stream ends. */
function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A device says this at the desk of a gate, and hangs up. */
function serveGuest(input: Uint8Array): Promise<void> {
  const left = Buffer.from(input).toString().split('\n').map(parsedLine);
  const stream: DrainedSignals = {
    ...{ isLocal: false, remotePublicKey: OWN_KEY, remoteHost: '192.0.2.1' },
    send: (message) => void encodeMessage(message),
    drained: async () => {},
    receive: async () => (left.length > 0 ? { message: left.shift() } : undefined),
    close() {},
  };
  const tunnels = { open: () => ({ dialer: TICKET, answerer: TICKET }) };
  const { signal } = new AbortController();
  return createGateDesk({ tunnels, clock: createVirtualClock(), signal }).serve(stream);
}

const PREAMBLES = [encodePreamble({ kind: 'control' }), encodePreamble({ kind: 'tunnel', ticket: TICKET })];

const [RINGING, RUNG, RING] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array, Uint8Array];
const random = { bytes: (count: number) => new Uint8Array(count), below: () => 0 };
const ring = makeRing({ ringSeed: RING, random, ownSeed: RINGING, peer: publicKeyOf(RUNG), at: 1_700_000_000_000 });

/** A session's pages as the other side may have made them: it can seal whatever it likes. Each with its length in front. */
function drawPages(draw: Draw): Uint8Array {
  const said = Buffer.concat(
    Array.from({ length: draw.below(9) }, () => encodeMessage({ chain: 'x'.repeat(draw.below(1500)) })),
  );
  const pages = pagesOf(said, draw.oneIn(2)).map((page) => (draw.oneIn(3) ? mutateBytes(page, draw) : page));
  return Buffer.concat(pages.flatMap((page) => [Uint8Array.of(page.byteLength >> 8, page.byteLength & 0xff), page]));
}

function readPages(input: Uint8Array): void {
  const pages: Uint8Array[] = [];
  const bytes = Buffer.from(input);
  for (let at = 0; at + 2 <= bytes.byteLength; at += 2 + bytes.readUInt16BE(at))
    pages.push(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)));
  const [reader, messages] = [createPageReader(), createMessageReader()];
  for (let looks = 0; looks < 2 * pages.length && !reader.isEnded; looks += 1)
    for (const index of reader.wanted()) messages.push(reader.push(index, pages[index] ?? new Uint8Array()));
}

export const MEETING_TARGETS: readonly FuzzTarget[] = [
  { name: 'gate-preamble', draw: (draw) => mutateBytes(draw.pick(PREAMBLES), draw), read: readPreamble },
  { name: 'gate-guest', draw: drawGuest, read: serveGuest },
  {
    name: 'gate-answers',
    draw: (draw) => one(draw.pick(FROM_GATE), draw),
    read: (input) => parseFromGate(parsedLine(Buffer.from(input).toString())),
  },
  {
    name: 'ring',
    draw: (draw) => mutateBytes(ring.record, draw),
    read: (input) => openRing(RUNG, publicKeyOf(RING), input),
  },
  { name: 'record-pages', draw: drawPages, read: readPages },
];
