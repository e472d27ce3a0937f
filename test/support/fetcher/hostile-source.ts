/** A source that the test plays: linked to real fetchers, and free to say anything. */
import { FILE_REQUEST_TYPE, FileRequest } from '../../../src/events/peer/file-request.ts';
import type { Range } from '../../../src/fetcher/ranges.ts';
import { batchChannelName } from '../../../src/fetcher/small/batch-channel.ts';
import { type BatchStatement, decodeBatchMessage } from '../../../src/fetcher/small/batch-message.ts';
import { transferChannelName } from '../../../src/fetcher/transfer/transfer-channel.ts';
import { encodeHashes, PIECE_HEADER_BYTES, writePieceHeader } from '../../../src/fetcher/transfer/transfer-frame.ts';
import { TRANSFER_MESSAGE_BYTES } from '../../../src/limits.ts';
import type { Channel, Clock, Milliseconds } from '../../../src/ports.ts';
import { channelPair, somePeer } from '../net/channel-pair.ts';
import { type AnnouncedBytes, sha256OfChunks } from './announced-file.ts';
import type { FetcherNetwork, LinkedDevice } from './fetcher-network.ts';
import { type PlayedSource, playSource } from './transfer.ts';

/** A channel that the source has opened for one file. */
export interface HostileTalk extends AnnouncedBytes, PlayedSource {
  readonly channel: Channel;
  /** Bytes of a file in chunks, cut where chunks end. */
  sendPieces(range: Range, bytes?: Uint8Array): Promise<void>;
  /** One message, whatever it says. */
  sendPiece(start: number, bytes: Uint8Array): Promise<void>;
  sendHashes(hashes?: Uint8Array): Promise<void>;
  /** By the clock that the receiver goes by. */
  wait(ms: Milliseconds): Promise<void>;
}

/** A channel that a receiver has opened to ask for small files. */
export interface HostileBatch {
  readonly channel: Channel;
  /** The next files that are asked for. */
  asked(): Promise<readonly AnnouncedBytes[]>;
  /** As one message. */
  send(files: readonly AnnouncedBytes[]): Promise<void>;
}

export interface Play {
  /** For each file that is asked for by itself. */
  readonly talk?: (talk: HostileTalk) => Promise<void>;
  /** For each channel on which small files are asked for. */
  readonly batch?: (batch: HostileBatch) => Promise<void>;
}

export interface HostileSource extends LinkedDevice {
  /** All that were opened, its own and those of receivers. */
  readonly channels: readonly Channel[];
}

/** That its channel is closed under its hands is no failure of the test. */
export function createHostileSource(
  network: FetcherNetwork,
  files: readonly AnnouncedBytes[],
  { talk = async () => {}, batch = async () => {} }: Play,
): HostileSource {
  const self = somePeer('e');
  const channels: Channel[] = [];
  const source: HostileSource = {
    self,
    channels,
    fetcher: {
      onMessage(peer, type, content) {
        if (type !== FILE_REQUEST_TYPE) return false;
        const { interaction } = FileRequest.parse(content);
        const asked = files.find(({ file }) => file.interaction === interaction);
        if (!asked) return false;
        const { conversation, fileId } = asked.file;
        const name = transferChannelName({ conversation, receiver: peer.device, fileId });
        const pair = channelPair(name, { leftPeer: self, rightPeer: peer });
        channels.push(pair.left);
        void network.reach(peer.device).fetcher.serveChannel(pair.right);
        void talk(talkOn(pair.left, asked, network.clock)).catch(() => {});
        return true;
      },
      async serveChannel(channel) {
        if (channel.name !== batchChannelName(self.device)) return;
        channels.push(channel);
        await batch(batchOn(channel, files)).catch(() => {});
      },
    },
  };
  network.admit(source);
  return source;
}

function talkOn(channel: Channel, { file, bytes }: AnnouncedBytes, clock: Clock): HostileTalk {
  const size = file.chunks?.size ?? TRANSFER_MESSAGE_BYTES;

  async function sendPiece(start: number, piece: Uint8Array): Promise<void> {
    const message = Buffer.alloc(PIECE_HEADER_BYTES + piece.length);
    writePieceHeader(message, start);
    message.set(piece, PIECE_HEADER_BYTES);
    await channel.send(message);
  }

  return {
    ...playSource(channel),
    ...{ channel, file, bytes, sendPiece },
    async sendPieces([start, end], from = bytes) {
      for (let at = start; at < end; ) {
        const border = Math.min(end, at - (at % size) + size, at + TRANSFER_MESSAGE_BYTES);
        await sendPiece(at, from.subarray(at, border));
        at = border;
      }
    },
    sendHashes: (hashes = sha256OfChunks(bytes, size)) => channel.send(encodeHashes(hashes)),
    wait: (ms) => clock.wait(ms, new AbortController().signal),
  };
}

function batchOn(channel: Channel, files: readonly AnnouncedBytes[]): HostileBatch {
  const messages = channel.messages({ signal: new AbortController().signal })[Symbol.asyncIterator]();

  async function hear(): Promise<BatchStatement & { say: 'ask' }> {
    const next = await messages.next();
    if (next.done) throw new TypeError('The receiver has ended the channel.');
    const heard = decodeBatchMessage(next.value);
    return heard.kind === 'statement' && heard.statement.say === 'ask' ? heard.statement : await hear();
  }

  return {
    channel,
    async asked() {
      const { interactions } = await hear();
      return files.filter(({ file }) => interactions.includes(file.interaction));
    },
    send: (sent) => channel.send(filesMessage(sent)),
  };
}

/** Files as they stand in a message: interaction, length, bytes. */
export function filesMessage(files: readonly AnnouncedBytes[]): Uint8Array {
  const parts = files.flatMap(({ file, bytes }) => {
    const header = Buffer.alloc(24);
    header.write(file.interaction, 'hex');
    header.writeUInt32BE(bytes.length, 20);
    return [header, bytes];
  });
  return Buffer.concat([Buffer.of(1), ...parts]);
}
