/** Both ends of git's wire. */
import type { RepositoryReader } from '../../src/conversation/repository/repository.ts';
import { fetchPack } from '../../src/conversation/sync/fetch-upload-pack.ts';
import { parseGitUrl } from '../../src/conversation/sync/git-url.ts';
import { offerBranchesAndTags } from '../../src/conversation/sync/offer.ts';
import type { Lane } from '../../src/conversation/sync/packet-channel.ts';
import { createPacketDecoder, FLUSH_PACKET, formatPacket } from '../../src/conversation/sync/pkt-line.ts';
import { serveUploadPack } from '../../src/conversation/sync/serve-upload-pack.ts';
import { CommitId, type ConversationId, conversationFoundedBy } from '../../src/ids.ts';
import { memoryObjects, writeHistory } from '../support/git/git-objects.ts';
import { inPieces } from '../support/git/packs.ts';
import { createVirtualClock } from '../support/time/virtual-clock.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { readPack } from './object-targets.ts';
import type { FuzzTarget } from './target.ts';

const objects = memoryObjects();
const history = await writeHistory(objects, 12);
const [root = CommitId.parse('0'.repeat(40))] = history;
const head = history.at(-1) ?? root;
const tag = CommitId.parse(
  await objects.write('tag', Buffer.from(`object ${head}\ntype commit\ntag v1\ntagger A <a> 1 +0000\n\nv1\n`)),
);
const conversation: ConversationId = conversationFoundedBy(root);
const repository: RepositoryReader = {
  path: 'memory',
  objects,
  head: async () => head,
  refs: async () => [
    { name: 'refs/heads/main', id: head },
    { name: 'refs/tags/v1', id: tag },
  ],
  async [Symbol.asyncDispose]() {},
};

/** Says these bytes and then ends; what it is told goes to `heard`. */
function laneSaying(bytes: Uint8Array, heard: Uint8Array[] = []): Lane {
  return {
    async send(message) {
      heard.push(Uint8Array.from(message));
    },
    messages: () => inPieces(bytes, 113),
    close: () => undefined,
  };
}

async function serve(input: Uint8Array, heard?: Uint8Array[]): Promise<void> {
  const { signal } = new AbortController();
  await serveUploadPack(repository, laneSaying(input, heard), {
    ...{ conversation, clock: createVirtualClock(), signal, offer: offerBranchesAndTags },
  });
}

async function fetchFrom(input: Uint8Array): Promise<void> {
  const { signal } = new AbortController();
  const { pack } = await fetchPack(laneSaying(input), {
    request: { path: `/${conversation}`, host: 'fuzz' },
    has: async () => false,
    haves: ['cd'.repeat(20)].map((id) => CommitId.parse(id)),
    clock: createVirtualClock(),
    signal,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack ?? []) chunks.push(chunk);
  if (pack) await readPack(Buffer.concat(chunks));
}

type Line = string | undefined;

const ASKED: readonly Line[] = [
  `git-upload-pack /${conversation}\0host=x\0\0version=2\0`,
  `want ${head} multi_ack_detailed side-band-64k ofs-delta include-tag deepen-relative\n`,
  `want ${tag}\n`,
  `shallow ${history[6]}\n`,
  'deepen 3\n',
  undefined,
  `have ${history[4]}\n`,
  `have ${'ef'.repeat(20)}\n`,
  undefined,
  'done\n',
];

const encode = (lines: readonly Line[]) =>
  Buffer.concat(lines.map((line) => (line === undefined ? FLUSH_PACKET : formatPacket(line))));

/** What our own server answers to a plain clone: what the client reads is this, more or less. */
const answered: Uint8Array[] = [];
await serve(encode([ASKED[0], ASKED[1], undefined, 'done\n']), answered);
const advertisement = Buffer.concat(answered.slice(0, 1));
const afterDone = Buffer.concat(answered.slice(1));

/** Lines out of turn, doubled, broken within; then now and then the bytes. */
function drawSession(draw: Draw): Uint8Array {
  const lines = [...ASKED];
  for (let changes = draw.below(5); changes > 0; changes--) {
    const at = draw.below(lines.length);
    const line = draw.pick([...ASKED, ...ASKED, 'filter blob:none\n', 'deepen-since 1\n', 'deepen 99999999999\n', '']);
    const isBroken = line !== undefined && draw.oneIn(2);
    const broken = isBroken ? Buffer.from(mutateBytes(Buffer.from(line), draw)).toString('latin1') : line;
    lines.splice(at, draw.below(2), broken);
  }
  const session = encode(lines);
  return draw.oneIn(4) ? mutateBytes(session, draw) : session;
}

function drawAnswer(draw: Draw): Uint8Array {
  const replies = draw.oneIn(2) ? ['NAK\n'] : [`ACK ${head} continue\n`, 'NAK\n', `ACK ${head}\n`];
  const parts = [advertisement, encode(replies), afterDone];
  const at = draw.below(parts.length);
  return Buffer.concat(parts.with(at, Buffer.from(mutateBytes(parts[at] ?? new Uint8Array(), draw))));
}

export const WIRE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'pkt-line',
    draw: (draw) => mutateBytes(encode(ASKED), draw),
    read(input) {
      const decoder = createPacketDecoder();
      for (let at = 0; at < input.byteLength; at += 7) decoder.push(input.subarray(at, at + 7));
    },
  },
  { name: 'upload-pack-request', draw: drawSession, read: (input) => serve(input) },
  { name: 'upload-pack-answer', draw: drawAnswer, read: fetchFrom },
  {
    name: 'git-url',
    draw: (draw) => mutateBytes(Buffer.from('git://[::1]:9418/a%20path'), draw),
    read: (input) => parseGitUrl(Buffer.from(input).toString()),
  },
];
