/** What strangers on the network send before anybody knows who they are: STUN, ICE over TCP, relays, multicast DNS. */
import { deepStrictEqual } from 'node:assert';
import { createSocket } from 'node:dgram';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import createMulticastDns from 'multicast-dns';
import { isSyncError } from '../../src/errors.ts';
import { RELAY_REQUEST_MS } from '../../src/limits.ts';
import { hearPost } from '../../src/net/discovery/mdns-adapter.ts';
import { type AgentInput, step } from '../../src/net/ice/agent-machine.ts';
import { agentState } from '../../src/net/ice/agent-state.ts';
import { createFramedReader, frameMessage } from '../../src/net/ice/framing.ts';
import { formatDescription, parseDescription } from '../../src/net/signalling/description.ts';
import type { StunAttributes } from '../../src/net/stun/attributes.ts';
import { type DecodedStun, decodeStun, encodeStun, type StunMessage } from '../../src/net/stun/message.ts';
import { createStunReader } from '../../src/net/stun/stun-reader.ts';
import { createTurnSession } from '../../src/net/turn/turn-session.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { FuzzTarget } from './target.ts';

const ADDRESS = { host: '192.0.2.1', port: 3478 };
const TRANSACTION = '00'.repeat(12);
const OURS = { ufrag: 'abcdef12', pwd: 'p'.repeat(32) };
const THEIRS = { ufrag: '12abcdef', pwd: 'q'.repeat(32) };
const OUR_KEY = Buffer.from(OURS.pwd);
const THEIR_KEY = Buffer.from(THEIRS.pwd);

const stun = (kind: StunMessage['class'], method: StunMessage['method'], attributes: StunAttributes): StunMessage => ({
  ...{ class: kind, method, transaction: TRANSACTION, attributes },
});

const username = `${OURS.ufrag}:${THEIRS.ufrag}`;
const CHECKS: readonly Uint8Array[] = [
  encodeStun(stun('request', 'binding', { username, priority: 1, iceControlling: 7n, useCandidate: true }), OUR_KEY),
  encodeStun(stun('request', 'binding', { username, priority: 1, iceControlled: 2n ** 63n }), OUR_KEY),
  encodeStun(stun('success', 'binding', { xorMappedAddress: ADDRESS }), THEIR_KEY),
  encodeStun(stun('error', 'binding', { errorCode: { code: 487, reason: 'Role Conflict' } }), THEIR_KEY),
];

const CHALLENGE = { errorCode: { code: 401, reason: 'Unauthorized' }, realm: 'relay', nonce: 'n1' };
const RELAY_ANSWERS: readonly Uint8Array[] = [
  encodeStun(stun('error', 'allocate', CHALLENGE)),
  encodeStun(stun('error', 'allocate', { ...CHALLENGE, errorCode: { code: 438, reason: 'Stale' }, nonce: 'n2' })),
  encodeStun(stun('success', 'allocate', { relayedAddress: { host: '2001:db8::1', port: 49_152 }, lifetime: 600 })),
  encodeStun(stun('error', 'allocate', { errorCode: { code: 300, reason: 'There' }, alternateServer: ADDRESS })),
  encodeStun(stun('indication', 'connection-attempt', { connectionId: 7, peerAddress: ADDRESS })),
  encodeStun(stun('success', 'connection-bind', { unknownAttributes: [1, 2], software: 'relay' })),
];

/** Mended afterwards so that it passes for a whole message, now and then: what is behind the length and the checksum is read, too. */
function changedStun(message: Uint8Array, draw: Draw): Uint8Array {
  const changed = Buffer.from(mutateBytes(message, draw));
  const end = changed.byteLength - (changed.byteLength % 4);
  if (end < STUN_HEADER_BYTES || draw.oneIn(4)) return changed;
  const whole = changed.subarray(0, end);
  whole.writeUInt16BE(end - STUN_HEADER_BYTES, 2);
  // Without its checksum nothing is compared.
  const last = end - CHECKSUM_BYTES;
  if (last >= STUN_HEADER_BYTES && whole.readUInt16BE(last) === CHECKSUM_TYPE) whole.writeUInt16BE(SOFTWARE_TYPE, last);
  return whole;
}

const STUN_HEADER_BYTES = 20;
const CHECKSUM_BYTES = 8;
const CHECKSUM_TYPE = 0x8028;
const SOFTWARE_TYPE = 0x8022;

function drawStream(draw: Draw, messages: readonly Uint8Array[]): readonly Uint8Array[] {
  return Array.from({ length: 1 + draw.below(4) }, () => {
    const message = draw.pick(messages);
    return draw.oneIn(2) ? changedStun(message, draw) : message;
  });
}

function readStun(input: Uint8Array): void {
  const reader = createStunReader();
  for (let at = 0; at < input.byteLength; at += 13) {
    reader.push(input.subarray(at, at + 13));
    for (let message = reader.next(); message; message = reader.next()) message.isProvedBy(OUR_KEY);
  }
}

/** Each message in a frame of its own, so that what is broken in one does not hide the next. */
function drawFrames(draw: Draw): Uint8Array {
  const frames = Buffer.concat(drawStream(draw, CHECKS).map(frameMessage));
  return draw.oneIn(5) ? mutateBytes(frames, draw) : frames;
}

const CANDIDATE = { transport: 'tcp', type: 'host', tcpType: 'passive', ...{ address: '192.0.2.1', port: 9 } } as const;

/** Two connections, one of each direction; both hear everything. What the agent says has to be something that can be said. */
function answerChecks(input: Uint8Array): void {
  const candidates = [{ ...CANDIDATE, priority: 2 ** 30 }];
  const start = { role: 'controlled', tieBreaker: 2n ** 62n, transactionPrefix: '00'.repeat(8) } as const;
  let state = agentState({ ...start, local: { ...OURS, candidates } });
  const feed = (fed: AgentInput) => {
    const { state: next, effects } = step(state, fed);
    state = next;
    for (const effect of effects) if (effect.kind === 'send') decodeStun(encodeStun(effect.message, effect.key));
  };
  feed({ kind: 'begin', remote: { ...THEIRS, candidates } });
  feed({ kind: 'opened', connection: 'out-0', remote: ADDRESS });
  feed({ kind: 'accepted', connection: 'in-0', remote: ADDRESS });
  const reader = createFramedReader();
  reader.push(input);
  for (let frame = reader.next(); frame; frame = reader.next()) {
    const message = decoded(frame);
    for (const connection of ['out-0', 'in-0']) if (message) feed({ kind: 'received', connection, message });
  }
  feed({ kind: 'woken', timer: 'patience' });
  feed({ kind: 'woken', timer: 'deadline' });
}

function decoded(frame: Uint8Array): DecodedStun | undefined {
  try {
    return decodeStun(frame);
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}

/** The relay answers with these bytes, in pieces, and hangs up; or what it said last ends the session, and the answer never comes. */
async function askRelay(input: Uint8Array): Promise<void> {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const { signal } = new AbortController();
  const clock = createVirtualClock();
  const session = createTurnSession({
    ...{ stream, realm: {}, credentials: { username: 'alice', password: 'secret' } },
    clock,
    random: { bytes: (count) => new Uint8Array(count), below: () => 0 },
  });
  const answered = session.request('allocate', { transport: 6 }, { signal });
  for (let at = 0; at < input.byteLength; at += 37) stream.push(input.subarray(at, at + 37));
  stream.push(null);
  const isOver = nextTurn().then(() => clock.advance(RELAY_REQUEST_MS));
  try {
    await answered;
  } finally {
    session.close();
    await isOver;
  }
}

const label = (text: string) => Buffer.concat([Uint8Array.of(text.length), Buffer.from(text)]);
const NAME = Buffer.concat([...['ab'.repeat(16), '_swarmlog', '_tcp', 'local'].map(label), Uint8Array.of(0)]);
const SRV = Uint8Array.of(0, 33, 0, 1);
/** RFC 1035 §4.1: one question; one answer, whose name and target point back at the first name. */
const QUESTION = Buffer.concat([Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), NAME, SRV]);
const DATA = Uint8Array.of(0, 0, 0, 0, 0x10, 0xe1, 0xc0, 12);
const ANSWER = Buffer.concat([
  ...[Uint8Array.of(0, 0, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0), NAME, SRV],
  ...[Uint8Array.of(0xc0, 12), SRV, Uint8Array.of(0, 0, 0, 120, 0, DATA.length), DATA],
]);

const packets = createSocket('udp4');
const post = createMulticastDns({
  ...{ port: 0, socket: packets, type: 'udp4' },
  ip: '',
  interface: '',
  bind: '0.0.0.0',
});
hearPost(post, { onQuestion: () => {}, onAnswer: () => {} });
packets.unref();

const OVER_TCP = { ...CANDIDATE, priority: 2 ** 30 };
const OVER_UDP = { transport: 'udp', type: 'srflx', priority: 2 ** 24, address: '2001:db8::1', port: 40_000 } as const;
const DESCRIPTION = formatDescription({
  ...{ ...OURS, candidates: [OVER_TCP, OVER_UDP] },
  fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
});

/** What is understood of it can be said again, and is understood alike. */
function readDescription(input: Uint8Array): void {
  const read = parseDescription(Buffer.from(input).toString());
  deepStrictEqual(parseDescription(formatDescription(read)), read);
}

export const NETWORK_TARGETS: readonly FuzzTarget[] = [
  { name: 'stun', draw: (draw) => Buffer.concat(drawStream(draw, [...CHECKS, ...RELAY_ANSWERS])), read: readStun },
  { name: 'ice-tcp', draw: drawFrames, read: answerChecks },
  { name: 'relay-answers', draw: (draw) => Buffer.concat(drawStream(draw, RELAY_ANSWERS)), read: askRelay },
  { name: 'path-description', draw: (draw) => mutateBytes(Buffer.from(DESCRIPTION), draw), read: readDescription },
  {
    name: 'multicast-dns',
    draw: (draw) => mutateBytes(draw.pick([QUESTION, ANSWER]), draw),
    read: (input) => void packets.emit('message', Buffer.from(input), { address: '192.0.2.1', port: 5353 }),
  },
];
