/** A data channel with nothing above it, as the library's manual has it: both ends, and how to send with back-pressure. */
import { type DataChannel, PeerConnection } from 'node-datachannel';

export type DataChannelSignal =
  | { readonly kind: 'description'; readonly sdp: string; readonly type: string }
  | Candidate;

interface Candidate {
  readonly kind: 'candidate';
  readonly line: string;
  readonly mid: string;
}

export interface Answering {
  signal(signal: DataChannelSignal): void;
  /** So many bytes came. */
  take(bytes: number): void;
}

const held: unknown[] = [];

/** Returns what takes the other side's signals. */
export function answerDataChannel({ signal, take }: Answering): (signal: DataChannelSignal) => void {
  const connection = connect(signal);
  connection.onDataChannel((channel) => {
    held.push(channel);
    channel.onMessage((message) => take(Buffer.isBuffer(message) ? message.length : 0));
  });
  return createReceiver(connection);
}

export interface Offering {
  readonly receive: (signal: DataChannelSignal) => void;
  readonly open: Promise<void>;
  /** Resolves when the library has taken all bytes. */
  send(bytes: number): Promise<void>;
  close(): void;
}

const MESSAGE_BYTES = 64 * 1024;
const BUFFERED_HIGH = 1024 * 1024;

export function offerDataChannel(signal: (signal: DataChannelSignal) => void): Offering {
  const connection = connect(signal);
  const channel = connection.createDataChannel('bare');
  held.push(channel);
  channel.setBufferedAmountLowThreshold(BUFFERED_HIGH / 4);
  return {
    receive: createReceiver(connection),
    open: new Promise((resolve) => channel.onOpen(resolve)),
    send: (bytes) => send(channel, bytes),
    // The library itself is stopped by the net that is measured beside it.
    close: () => connection.close(),
  };
}

async function send(channel: DataChannel, bytes: number): Promise<void> {
  const message = Buffer.alloc(MESSAGE_BYTES);
  for (let left = bytes; left > 0; left -= MESSAGE_BYTES) {
    channel.sendMessageBinary(left < MESSAGE_BYTES ? message.subarray(0, left) : message);
    if (channel.bufferedAmount() >= BUFFERED_HIGH)
      await new Promise<void>((resolve) => channel.onBufferedAmountLow(resolve));
  }
}

function connect(signal: (signal: DataChannelSignal) => void): PeerConnection {
  const connection = new PeerConnection('bare', { iceServers: [], bindAddress: '127.0.0.1' });
  held.push(connection);
  connection.onLocalDescription((sdp, type) => signal({ kind: 'description', sdp, type }));
  connection.onLocalCandidate((line, mid) => signal({ kind: 'candidate', line, mid }));
  return connection;
}

/** Candidates may overtake the description that they belong to. */
function createReceiver(connection: PeerConnection): (signal: DataChannelSignal) => void {
  let early: Candidate[] | undefined = [];
  const add = ({ line, mid }: Candidate) => connection.addRemoteCandidate(line, mid);
  return (signal) => {
    if (signal.kind === 'candidate') {
      if (early) early.push(signal);
      else add(signal);
      return;
    }
    connection.setRemoteDescription(signal.sdp, signal.type === 'offer' ? 'offer' : 'answer');
    early?.forEach(add);
    early = undefined;
  };
}
