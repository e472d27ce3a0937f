/** What a device says before it is known: its certificates, its greeting, its signals; and what is said on the control socket. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createControlHandler } from '../../src/engine/control/control-methods.ts';
import { ControlReply, ControlRequest } from '../../src/engine/control/control-protocol.ts';
import { linesOf } from '../../src/engine/control/line-reader.ts';
import { isSyncError, SyncError } from '../../src/errors.ts';
import { verifyChain } from '../../src/identity/chain.ts';
import { parseCertificates } from '../../src/identity/x509-adapter.ts';
import { CONTROL_MESSAGE_BYTES } from '../../src/limits.ts';
import { formatSdp } from '../../src/net/paths/session-description.ts';
import { createKnownChains } from '../../src/net/secure/known-chains.ts';
import { answerState, step } from '../../src/net/signalling/answer-machine.ts';
import { answerIntroduction } from '../../src/net/signalling/greeting.ts';
import { createIntroductions } from '../../src/net/signalling/introduction.ts';
import { createDriver } from '../../src/net/signalling/machine-driver.ts';
import { createMessageReader, encodeMessage } from '../../src/net/signalling/message-codec.ts';
import { formatSignal, parseSignal } from '../../src/net/signalling/signal.ts';
import type { SignalStream } from '../../src/net/signalling/signal-stream.ts';
import { inPieces } from '../support/git/packs.ts';
import { TEST_NOW, testAccount } from '../support/identity/accounts.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJsonText } from './mutate-json.ts';
import type { FuzzTarget } from './target.ts';

const VECTORS = resolve(import.meta.dirname, '../../fixtures/vectors');
const CHAIN = ['device', 'account', 'ca'].map((name) => readFileSync(resolve(VECTORS, `${name}.crt`)));
const clock = createVirtualClock(TEST_NOW);
const { signal } = new AbortController();

/** In another order, doubled, or with one that is nearly the same. */
function drawChain(draw: Draw): Uint8Array {
  const chain: Uint8Array[] = [...CHAIN];
  for (let changes = 1 + draw.below(2); changes > 0; changes--) {
    const at = draw.below(chain.length + 1);
    const one = draw.pick(CHAIN);
    chain.splice(at, draw.below(2), draw.oneIn(2) ? one : changedDer(one, draw));
  }
  return Buffer.concat(chain);
}

function changedDer(pem: Uint8Array, draw: Draw): Buffer {
  const body = Buffer.from(pem)
    .toString('latin1')
    .replace(/-----[^-]+-----/g, '');
  const der = Buffer.from(mutateBytes(Buffer.from(body, 'base64'), draw)).toString('base64');
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`);
}

const DHT_KEY = new Uint8Array(32).fill(7);
const keys = await testAccount('alice');
const introductions = createIntroductions({ keys, ownKey: DHT_KEY, known: createKnownChains(), clock });
const GREETING = JSON.stringify(await introductions.hello());

const description = {
  ufrag: 'abcdef12',
  pwd: 'p'.repeat(32),
  candidates: [{ transport: 'udp', type: 'host', address: '127.0.0.1', port: 4000, priority: 2 ** 30 }],
  fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
} as const;
const SIGNALS = (['offer', 'answer', 'candidates'] as const).map((kind) =>
  JSON.stringify(formatSignal({ kind, id: 7, connType: 'udp', description })),
);

function lengthened(text: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.byteLength);
  return Buffer.concat([length, text]);
}

/** A greeting and then signals, each of which may be broken; now and then the bytes are. */
function drawHandshake(draw: Draw): Uint8Array {
  const said = [GREETING, ...Array.from({ length: draw.below(5) }, () => draw.pick(SIGNALS))];
  const messages = said.map((text) => lengthened(draw.oneIn(2) ? mutateJsonText(text, draw) : Buffer.from(text)));
  const all = Buffer.concat(messages);
  return draw.oneIn(5) ? mutateBytes(all, draw) : all;
}

/** Says these messages and then hangs up. */
function streamSaying(messages: readonly unknown[]): SignalStream {
  const left = [...messages];
  return {
    isLocal: false,
    remotePublicKey: DHT_KEY,
    send: (message) => void encodeMessage(message),
    receive: async () => (left.length > 0 ? { message: left.shift() } : undefined),
    close: () => undefined,
  };
}

/** As the device that was called, up to the paths, which fail at once. */
async function answerHandshake(input: Uint8Array): Promise<void> {
  const [greeting, ...signals] = createMessageReader().push(input);
  const answered = answerIntroduction(streamSaying([greeting]), {
    ...{ introductions, signal },
    admit: () => ({ accept: true }),
  });
  await answered.catch((error: unknown) => {
    if (!isSyncError(error)) throw error;
  });
  const feed = createDriver({ initial: answerState(['tcp', 'udp']), step }, (effect) => {
    if (effect.kind === 'describe') formatSdp(effect.offer, 'offer');
    if (effect.kind === 'describe') feed({ kind: 'described', path: effect.path, description });
    if (effect.kind === 'connect') feed({ kind: 'path-failed', path: effect.path, reason: 'as it happens' });
  });
  feed({ kind: 'begin' });
  for (const message of signals) feed({ kind: 'received', signal: parseSignal(message) });
}

/** Of every shape that there is; the engine knows no conversation. */
const ID = 'ab'.repeat(20);
const REQUESTS = [
  { method: 'status', params: {} },
  { method: 'limits', params: { conversation: ID, up: 5000, down: null } },
  { method: 'send', params: { conversation: ID, text: 'hello', replyTo: ID } },
  { method: 'fetch', params: { conversation: ID, files: ['tree'], wait: true } },
  { method: 'say', params: { conversation: ID, word: 'pause', files: ['tree'] } },
].map((request) => JSON.stringify({ id: 1, ...request }));

const unknown = () => {
  throw new SyncError('CONVERSATION_UNKNOWN', { conversation: ID });
};
const handle = createControlHandler({
  status: unknown,
  bandwidth: () => ({}),
  limitBandwidth: () => undefined,
  takeRevocations: unknown,
  conversations: { open: unknown, create: unknown, join: unknown, list: () => [], invitations: () => [] },
});

function drawLines(draw: Draw): Uint8Array {
  const lines = Array.from({ length: 1 + draw.below(4) }, () => mutateJsonText(draw.pick(REQUESTS), draw));
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}

async function answerLines(input: Uint8Array): Promise<void> {
  for await (const line of linesOf(inPieces(input, 101), CONTROL_MESSAGE_BYTES)) {
    const request = ControlRequest.safeParse(parsed(line));
    ControlReply.safeParse(parsed(line));
    if (request.success)
      await handle(request.data, { signal, emit: () => {} }).catch((error: unknown) => {
        if (!isSyncError(error)) throw error;
      });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const PEER_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'certificate-chain',
    waits: true,
    draw: drawChain,
    read: (input) => verifyChain(parseCertificates(input), TEST_NOW),
  },
  { name: 'handshake', waits: true, draw: drawHandshake, read: answerHandshake },
  { name: 'control-socket', draw: drawLines, read: answerLines },
];
