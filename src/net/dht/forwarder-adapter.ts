/**
 * The only door to blind-relay: a node of the DHT that everybody reaches forwards the signalling of two devices that do not
 * reach each other, as behind two symmetric NATs. It sees who talks to whom, and nothing of what is said.
 */
import { createHash } from 'node:crypto';
import { Server } from 'blind-relay';
import { FORWARDED_PER_ADDRESS, FORWARDED_STREAMS, FORWARDING_MS } from '../../limits.ts';
import { createPlaces } from '../../places.ts';
import { networkOf } from '../ip-address.ts';
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
  const places = createPlaces({ inAll: FORWARDED_STREAMS, each: FORWARDED_PER_ADDRESS });
  return (stream) => {
    stream.on('error', () => {});
    const host = stream.rawStream?.remoteHost ?? undefined;
    const leave = places.take(host === undefined ? undefined : networkOf(host));
    if (leave === undefined) {
      stream.destroy();
      return;
    }
    const timer = setTimeout(() => stream.destroy(), FORWARDING_MS);
    stream.once('close', () => {
      leave();
      clearTimeout(timer);
    });
    server.accept(stream, { id: stream.remotePublicKey }).on('error', () => {});
  };
}
