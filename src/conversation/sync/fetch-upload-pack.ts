import { SyncError } from '../../errors.ts';
import { CommitId } from '../../ids.ts';
import { NEGOTIATION_HAVES } from '../../limits.ts';
import { type Capabilities, NO_CAPABILITIES, parseCapabilities, sideBandOf } from './capabilities.ts';
import { type Lane, openPacketChannel, type PacketChannel, type PacketChannelOptions } from './packet-channel.ts';
import { FLUSH_PACKET, formatPacket, packetText } from './pkt-line.ts';
import { formatRequestLine, type RequestLine } from './request-line.ts';
import { bandOf, packBytesOf } from './side-band.ts';

export interface FetchOptions extends PacketChannelOptions {
  readonly request: RequestLine;
  /** Whether a commit is part of our log already. */
  readonly has: (id: CommitId) => Promise<boolean>;
  /** Our own commits, newest first; no more of them are taken than it needs to find a common one. */
  readonly haves: AsyncIterable<CommitId> | Iterable<CommitId>;
}

export interface Fetched {
  /** The other side's head; undefined when it has no commit yet. */
  readonly head: CommitId | undefined;
  /** What we lack of it, to be read to its end; undefined when we lack nothing. It may be thin: deltas on objects that we have. */
  readonly pack: AsyncIterable<Uint8Array> | undefined;
}

const WANTED_CAPABILITIES = ['ofs-delta', 'no-progress', 'thin-pack'];
const FIRST_BATCH = 32;
const LARGEST_BATCH = 1024;

/**
 * Asks the other side of a lane for its head, by `git-upload-pack`, protocol version 0; a stock `git upload-pack` answers as well.
 * Throws GIT_REFUSED, PROTOCOL_BROKEN, MALFORMED, TIMED_OUT, CHANNEL_CLOSED and the signal's reason; so does reading the pack.
 */
export async function fetchPack(lane: Lane, options: FetchOptions): Promise<Fetched> {
  const packets = openPacketChannel(lane, options);
  let isPackExpected = false;
  try {
    await packets.write(formatPacket(formatRequestLine(options.request)));
    await packets.flush();
    const { head, capabilities } = await readAdvertisement(packets);
    if (head === undefined || (await options.has(head))) {
      await packets.write(FLUSH_PACKET);
      await packets.flush();
      return { head, pack: undefined };
    }
    await packets.write(formatPacket(`want ${head} ${chooseCapabilities(capabilities)}\n`), FLUSH_PACKET);
    await sendHaves(packets, options.haves);
    await packets.write(formatPacket('done\n'));
    await packets.flush();
    isPackExpected = true;
    return { head, pack: readPack(packets) };
  } finally {
    if (!isPackExpected) await packets.release();
  }
}

interface Advertisement {
  readonly head: CommitId | undefined;
  readonly capabilities: Capabilities;
}

/** `refs/heads/main` when it is there, `HEAD` otherwise; peers may advertise more than these. */
async function readAdvertisement(packets: PacketChannel): Promise<Advertisement> {
  const ids = new Map<string, CommitId>();
  let capabilities: Capabilities | undefined;
  for await (const line of linesUntilFlush(packets)) {
    if (capabilities === undefined && /^version \d/.test(line)) continue;
    const [reference = '', words] = line.split('\0');
    capabilities ??= words === undefined ? NO_CAPABILITIES : parseCapabilities(words);
    const id = CommitId.safeParse(reference.slice(0, 40)).data;
    if (id === undefined || reference[40] !== ' ') throw notAReference(line);
    ids.set(reference.slice(41), id);
  }
  return { head: ids.get('refs/heads/main') ?? ids.get('HEAD'), capabilities: capabilities ?? NO_CAPABILITIES };
}

/** A shallow clone tells where its own history ends, and cannot give what is before. */
function notAReference(line: string): SyncError {
  if (line.startsWith('shallow ')) return new SyncError('GIT_REFUSED', { detail: '"it is a shallow clone itself"' });
  return broken(`it advertised ${JSON.stringify(line.slice(0, 100))}`);
}

async function* linesUntilFlush(packets: PacketChannel): AsyncIterable<string> {
  while (true) {
    const packet = await packets.read();
    if (!packet) throw broken('it ended before its answer was complete');
    if (packet.kind === 'flush') return;
    yield requireNoError(packetText(packet.payload));
  }
}

function chooseCapabilities(offered: Capabilities): string {
  const sideBand = sideBandOf(offered);
  if (sideBand === undefined) throw broken('it cannot send a pack in a side band');
  return [sideBand, ...WANTED_CAPABILITIES.filter((word) => offered.has(word)), 'agent=swarmlog'].join(' ');
}

/** Names our commits in growing batches until the other side knows one, or there are no more. */
async function sendHaves(packets: PacketChannel, haves: FetchOptions['haves']): Promise<void> {
  let batchSize = FIRST_BATCH;
  let inBatch = 0;
  let named = 0;
  for await (const id of haves) {
    await packets.write(formatPacket(`have ${id}\n`));
    inBatch += 1;
    named += 1;
    if (named === NEGOTIATION_HAVES) break;
    if (inBatch < batchSize) continue;
    if (await askForCommon(packets)) return;
    inBatch = 0;
    batchSize = Math.min(2 * batchSize, LARGEST_BATCH);
  }
  if (inBatch > 0) await askForCommon(packets);
}

/** Ends a batch. Whether the other side knows a commit of it. */
async function askForCommon(packets: PacketChannel): Promise<boolean> {
  await packets.write(FLUSH_PACKET);
  await packets.flush();
  let isCommon = false;
  while (true) {
    const packet = await packets.read();
    if (packet?.kind !== 'data') throw broken('it did not answer our haves');
    const line = requireNoError(packetText(packet.payload));
    if (line === 'NAK') return isCommon;
    const [ack, , status] = line.split(' ');
    if (ack !== 'ACK') throw broken(`it answered our haves with ${JSON.stringify(line.slice(0, 100))}`);
    isCommon = true;
    // Without a status it is the only one; with one ("continue"), older peers send NAK behind it.
    if (status === undefined) return isCommon;
  }
}

async function* readPack(packets: PacketChannel): AsyncGenerator<Uint8Array> {
  try {
    let isPackBegun = false;
    while (true) {
      const packet = await packets.read();
      if (!packet) throw broken('it ended within the pack');
      if (packet.kind === 'flush') return;
      if (!isPackBegun && bandOf(packet.payload) === undefined) {
        requireAcknowledgement(packetText(packet.payload));
        continue;
      }
      isPackBegun = true;
      const bytes = packBytesOf(packet.payload);
      if (bytes) yield bytes;
    }
  } finally {
    await packets.release();
  }
}

/** Before the pack, peers repeat what is common, once or several times, or say NAK. */
function requireAcknowledgement(line: string): void {
  if (line !== 'NAK' && !requireNoError(line).startsWith('ACK ')) {
    throw broken(`it answered "done" with ${JSON.stringify(line.slice(0, 100))}`);
  }
}

function requireNoError(line: string): string {
  if (!line.startsWith('ERR ')) return line;
  throw new SyncError('GIT_REFUSED', { detail: JSON.stringify(line.slice('ERR '.length, 200)) });
}

function broken(detail: string): SyncError {
  return new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail });
}
