/**
 * The only door to blind-relay: a node of the DHT that everybody reaches forwards the signalling of two devices that do not
 * reach each other, as behind two symmetric NATs. It sees who talks to whom, and nothing of what is said.
 */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Server } from 'blind-relay';
import { FORWARDED_STREAMS, FORWARDING_MS } from '../limits.ts';

/** What nodes that forward announce themselves under. Anybody may: who uses one trusts it with nothing. */
export const FORWARDER_TOPIC = createHash('sha256').update('swarmlog forwarder v1').digest();

/** The part of a node of the DHT that makes streams to forward on. */
export interface ForwardingNode {
  createRawStream(options: object): unknown;
}

/** Serves those who ask for forwarding. Signalling is short: nobody is served for longer. */
export function createForwarder(node: ForwardingNode): (stream: Duplex & { readonly remotePublicKey: Buffer }) => void {
  const server = new Server({ createStream: (options) => node.createRawStream({ ...options, framed: true }) });
  let streams = 0;
  return (stream) => {
    stream.on('error', () => {});
    if (streams >= FORWARDED_STREAMS) {
      stream.destroy();
      return;
    }
    streams += 1;
    const timer = setTimeout(() => stream.destroy(), FORWARDING_MS);
    stream.once('close', () => {
      streams -= 1;
      clearTimeout(timer);
    });
    server.accept(stream, { id: stream.remotePublicKey }).on('error', () => {});
  };
}
