/**
 * The frames of a link: what travels inside TLS. Each has a header of nine bytes and a body.
 *
 * | bytes | meaning |
 * |---|---|
 * | 0 | type |
 * | 1–4 | channel, big-endian; 0 for frames of the link itself |
 * | 5–8 | length of the body, big-endian |
 *
 * A `data` frame is one message, so that a message's borders need no marks of their own, and two channels take turns
 * message by message.
 */
import { SyncError } from '../../errors.ts';
import { CHANNEL_MESSAGE_BYTES, CHANNEL_NAME_BYTES, REASON_BYTES } from '../../limits.ts';
import { never } from '../../never.ts';

export type ChannelFrame =
  /** Asks for a channel; `window` is the credit for what the asking side will receive. */
  | { readonly kind: 'open'; readonly channel: number; readonly window: number; readonly name: string }
  | { readonly kind: 'accept'; readonly channel: number; readonly window: number }
  | { readonly kind: 'decline'; readonly channel: number; readonly reason: string }
  | { readonly kind: 'data'; readonly channel: number; readonly bytes: Uint8Array }
  /** So many more units may be sent; see `costOf`. */
  | { readonly kind: 'credit'; readonly channel: number; readonly units: number }
  | { readonly kind: 'end'; readonly channel: number }
  /** Everything up to the end marker was read. */
  | { readonly kind: 'end-ack'; readonly channel: number }
  | { readonly kind: 'reset'; readonly channel: number; readonly reason: string };

export type LinkFrame =
  /** The dialer chooses this stream as the link. The first frame of a link, and its only first frame. */
  | { readonly kind: 'nominate'; readonly version: number }
  /** The dialer wants the link that there is to move to this stream. The first frame in place of `nominate`. */
  | { readonly kind: 'take-over'; readonly version: number }
  /** The answerer agrees. */
  | { readonly kind: 'welcome' }
  /** The last frame on a stream: all that follows comes on the one that takes over. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'ping'; readonly nonce: number }
  | { readonly kind: 'pong'; readonly nonce: number }
  | { readonly kind: 'bye'; readonly reason: string };

export type Frame = ChannelFrame | LinkFrame;
export type FrameKind = Frame['kind'];

export const FRAME_HEADER_BYTES = 9;
/** Channel numbers of frames that concern the link as a whole. */
const NO_CHANNEL = 0;
const MAX_UINT32 = 0xffff_ffff;

interface Form {
  readonly type: number;
  readonly minBytes: number;
  readonly maxBytes: number;
}

const FORMS: { readonly [Kind in FrameKind]: Form } = {
  open: { type: 1, minBytes: 5, maxBytes: 4 + CHANNEL_NAME_BYTES },
  accept: { type: 2, minBytes: 4, maxBytes: 4 },
  decline: { type: 3, minBytes: 0, maxBytes: REASON_BYTES },
  data: { type: 4, minBytes: 0, maxBytes: CHANNEL_MESSAGE_BYTES },
  credit: { type: 5, minBytes: 4, maxBytes: 4 },
  end: { type: 6, minBytes: 0, maxBytes: 0 },
  'end-ack': { type: 7, minBytes: 0, maxBytes: 0 },
  reset: { type: 8, minBytes: 0, maxBytes: REASON_BYTES },
  nominate: { type: 16, minBytes: 4, maxBytes: 4 },
  welcome: { type: 17, minBytes: 0, maxBytes: 0 },
  ping: { type: 18, minBytes: 4, maxBytes: 4 },
  pong: { type: 19, minBytes: 4, maxBytes: 4 },
  bye: { type: 20, minBytes: 0, maxBytes: REASON_BYTES },
  'take-over': { type: 21, minBytes: 4, maxBytes: 4 },
  moved: { type: 22, minBytes: 0, maxBytes: 0 },
};

const KINDS = new Map<number, FrameKind>(Object.entries(FORMS).map(([kind, { type }]) => [type, kind as FrameKind]));

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly channel: number;
  readonly bodyBytes: number;
}

/** Reads a header, and refuses one whose body must not be waited for. Throws PROTOCOL_BROKEN. */
export function decodeHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  const kind = KINDS.get(view.getUint8(0));
  if (kind === undefined) throw broken(`unknown frame type ${view.getUint8(0)}`);
  const channel = view.getUint32(1);
  const bodyBytes = view.getUint32(5);
  const { type, minBytes, maxBytes } = FORMS[kind];
  if (bodyBytes < minBytes || bodyBytes > maxBytes) throw broken(`a ${kind} frame of ${bodyBytes} bytes`);
  const isLinkFrame = type >= FORMS.nominate.type;
  if (isLinkFrame !== (channel === NO_CHANNEL)) throw broken(`a ${kind} frame for channel ${channel}`);
  return { kind, channel, bodyBytes };
}

/** Puts a header and its body together. `data` keeps a view of the body. Throws PROTOCOL_BROKEN. */
export function decodeFrame({ kind, channel }: FrameHeader, body: Uint8Array): Frame {
  switch (kind) {
    case 'open':
      return { kind, channel, window: uint32(body), name: text(body.subarray(4)) };
    case 'accept':
      return { kind, channel, window: uint32(body) };
    case 'decline':
    case 'reset':
      return { kind, channel, reason: text(body) };
    case 'data':
      return { kind, channel, bytes: body };
    case 'credit':
      return { kind, channel, units: uint32(body) };
    case 'end':
    case 'end-ack':
      return { kind, channel };
    case 'nominate':
    case 'take-over':
      return { kind, version: uint32(body) };
    case 'welcome':
    case 'moved':
      return { kind };
    case 'ping':
    case 'pong':
      return { kind, nonce: uint32(body) };
    case 'bye':
      return { kind, reason: text(body) };
    default:
      return never(kind);
  }
}

/** The frame in a buffer of its own. */
export function encodeFrame(frame: Frame): Uint8Array {
  const body = bodyOf(frame);
  const encoded = Buffer.allocUnsafe(FRAME_HEADER_BYTES + body.byteLength);
  writeHeader(frame, body, encoded);
  encoded.set(body, FRAME_HEADER_BYTES);
  return encoded;
}

/** Writes the frame's header into `target`, and returns the body that follows it. */
export function encodeHeader(frame: Frame, target: Buffer): Uint8Array {
  const body = bodyOf(frame);
  writeHeader(frame, body, target);
  return body;
}

function writeHeader(frame: Frame, body: Uint8Array, target: Buffer): void {
  target.writeUInt8(FORMS[frame.kind].type, 0);
  target.writeUInt32BE('channel' in frame ? frame.channel : NO_CHANNEL, 1);
  target.writeUInt32BE(body.byteLength, 5);
}

function bodyOf(frame: Frame): Uint8Array {
  switch (frame.kind) {
    case 'open':
      return Buffer.concat([fromUint32(frame.window), Buffer.from(frame.name)]);
    case 'accept':
      return fromUint32(frame.window);
    case 'decline':
    case 'reset':
    case 'bye':
      return shortened(frame.reason);
    case 'data':
      return frame.bytes;
    case 'credit':
      return fromUint32(frame.units);
    case 'nominate':
    case 'take-over':
      return fromUint32(frame.version);
    case 'ping':
    case 'pong':
      return fromUint32(frame.nonce);
    case 'end':
    case 'end-ack':
    case 'welcome':
    case 'moved':
      return EMPTY;
    default:
      return never(frame);
  }
}

const EMPTY = new Uint8Array(0);
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function text(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw broken('text that is not UTF-8');
  }
}

/** A reason is for people to read: a long one is cut between characters rather than refused. */
function shortened(reason: string): Uint8Array {
  const room = new Uint8Array(REASON_BYTES);
  return room.subarray(0, new TextEncoder().encodeInto(reason, room).written);
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

function fromUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, Math.min(value, MAX_UINT32));
  return bytes;
}

function broken(detail: string): SyncError {
  return new SyncError('PROTOCOL_BROKEN', { protocol: 'link', detail });
}
