/**
 * The only door to blind-relay: a node of the DHT that everybody reaches forwards the signalling of two devices that do not
 * reach each other, as behind two symmetric NATs. It sees who talks to whom, and nothing of what is said.
 */
import { createHash } from 'node:crypto';
import { Server } from 'blind-relay';
import { FORWARDING_MS } from '../../limits.ts';
import { createForwardingRoom } from '../forwarding-room.ts';
import type { NoiseStream } from '../signalling/noise-signals-adapter.ts';

/** What nodes that forward announce themselves under. Anybody may: who uses one trusts it with nothing. */
export const FORWARDER_TOPIC = createHash('sha256').update('swarmlog forwarder v1').digest();

/** The part of a node of the DHT that makes streams to forward on. */
export interface ForwardingNode {
  createRawStream(options: object): unknown;
}

/** Serves those who ask for forwarding. Signalling is short: nobody is served for longer. */
export function createForwarder(node: ForwardingNode): (stream: NoiseStream) => void {
  const server = new Server({ createStream: (options) => node.createRawStream({ ...options, framed: true }) });
  const room = createForwardingRoom<NoiseStream>();
  return (stream) => {
    stream.on('error', () => {});
    const leaving = room.enter(stream, stream.rawStream?.remoteHost ?? '');
    if (leaving === undefined) {
      stream.destroy();
      return;
    }
    // Its handshake has shown which key it has; there is nothing more to show.
    room.seat(stream);
    for (const one of leaving) one.destroy();
    const timer = setTimeout(() => stream.destroy(), FORWARDING_MS);
    stream.once('close', () => {
      room.leave(stream);
      clearTimeout(timer);
    });
    server.accept(stream, { id: stream.remotePublicKey }).on('error', () => {});
  };
}
