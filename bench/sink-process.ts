/**
 * A process that takes bytes and says when there are as many as it was told to wait for, by plain means: over TLS 1.3
 * (`listen`, then it says on which port), over TCP to an address it is told (`connect`), or over a data channel, one for all orders.
 */
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer } from 'node:tls';
import { answerDataChannel, type DataChannelSignal } from './bare-data-channel.ts';

export type SinkOrder =
  | { readonly kind: 'listen'; readonly bytes: number; readonly cert: string; readonly key: string }
  | { readonly kind: 'connect'; readonly bytes: number; readonly host: string; readonly port: number }
  | { readonly kind: 'data-channel'; readonly bytes: number }
  | { readonly kind: 'signal'; readonly signal: DataChannelSignal };

export type SinkWord =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'signal'; readonly signal: DataChannelSignal }
  | { readonly kind: 'all-here' };

const say = (word: SinkWord) => void process.send?.(word);
let onSignal: ((signal: DataChannelSignal) => void) | undefined;
let onDataChannelBytes: (more: number) => void = () => {};

process.on('message', (order: SinkOrder) => void follow(order));
process.once('disconnect', () => process.exit());

async function follow(order: SinkOrder): Promise<void> {
  switch (order.kind) {
    case 'listen': {
      const server = createServer({ ...order, minVersion: 'TLSv1.3' }, (socket) => count(socket, order.bytes));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      say({ kind: 'port', port: (server.address() as AddressInfo).port });
      break;
    }
    case 'connect':
      count(connect(order.port, order.host), order.bytes);
      break;
    case 'data-channel':
      onDataChannelBytes = untilAllHere(order.bytes);
      onSignal ??= answerDataChannel({
        signal: (signal) => say({ kind: 'signal', signal }),
        take: (more) => onDataChannelBytes(more),
      });
      break;
    case 'signal':
      onSignal?.(order.signal);
  }
}

function count(stream: Duplex, bytes: number): void {
  const take = untilAllHere(bytes);
  stream.on('error', () => {}).on('data', (chunk: Buffer) => take(chunk.length));
}

function untilAllHere(bytes: number): (more: number) => void {
  let received = 0;
  return (more) => {
    received += more;
    if (received === bytes) say({ kind: 'all-here' });
  };
}
