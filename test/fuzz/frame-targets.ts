/** Frames of links and messages of transfers. */
import { decodeBatchMessage, encodeBatchStatement, encodeFiles } from '../../src/fetcher/small/batch-message.ts';
import { decodeFrame, encodeHashes, encodeStatement } from '../../src/fetcher/transfer/transfer-frame.ts';
import { CommitId, ConversationId } from '../../src/ids.ts';
import { encodeFrame } from '../../src/net/link/frame.ts';
import { createFrameReader } from '../../src/net/link/frame-reader.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJsonText } from './mutate-json.ts';
import type { FuzzTarget } from './target.ts';

const ID = 'ab'.repeat(20);
const conversation = ConversationId.parse(ID);
const interaction = CommitId.parse(ID);

const LINK_FRAMES = Buffer.concat([
  encodeFrame({ kind: 'nominate', version: 1 }),
  encodeFrame({ kind: 'open', channel: 1, window: 300_000, name: 'msg:x' }),
  encodeFrame({ kind: 'data', channel: 1, bytes: Buffer.from('hello') }),
  encodeFrame({ kind: 'credit', channel: 1, units: 64 }),
  encodeFrame({ kind: 'reset', channel: 1, reason: 'enough' }),
  encodeFrame({ kind: 'ping', nonce: 7 }),
  encodeFrame({ kind: 'bye', reason: 'done' }),
]);

const TRANSFER_STATEMENTS = [
  encodeStatement({ say: 'go', ranges: [[0, 1024]], hashes: true }),
  encodeStatement({ say: 'progress', bytes: 7 }),
  encodeStatement({ say: 'done', outcome: 'verified' }),
  encodeStatement({ say: 'cancel', reason: 'silent' }),
];
const TRANSFER_BYTES = [
  encodeHashes(new Uint8Array(64)),
  Uint8Array.of(1, 2, 3),
  Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 9, 1),
];

const BATCH_STATEMENTS = [
  encodeBatchStatement({ say: 'ask', conversation, interactions: [interaction] }),
  encodeBatchStatement({ say: 'done', files: [[interaction, 'verified']] }),
];
const BATCH_FILES = [...encodeFiles([1, 2, 3].map((size) => ({ interaction, bytes: new Uint8Array(size) })))];

/** One tag byte and then JSON, which is changed as such; or any other message, whose bytes are. */
function drawTagged(draw: Draw, statements: readonly Uint8Array[], others: readonly Uint8Array[]): Uint8Array {
  if (draw.oneIn(3)) return mutateBytes(draw.pick(others), draw);
  const statement = draw.pick(statements);
  const text = mutateJsonText(Buffer.from(statement.subarray(1)).toString(), draw);
  return Buffer.concat([statement.subarray(0, 1), text]);
}

export const FRAME_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'link-frames',
    draw: (draw) => mutateBytes(LINK_FRAMES, draw),
    read(input) {
      const reader = createFrameReader();
      for (let at = 0; at < input.byteLength; at += 11) reader.push(input.subarray(at, at + 11), () => {});
    },
  },
  {
    name: 'transfer-frame',
    draw: (draw) => drawTagged(draw, TRANSFER_STATEMENTS, TRANSFER_BYTES),
    read: decodeFrame,
  },
  { name: 'batch-message', draw: (draw) => drawTagged(draw, BATCH_STATEMENTS, BATCH_FILES), read: decodeBatchMessage },
];
