import type { HyperDht } from './hyperdht-adapter.ts';

/** The part of a node of the DHT that asks others. */
type AskingNode = Pick<HyperDht, 'lookup' | 'findPeer'>;

export interface KnownAs {
  /** A device's key. */
  readonly key: Buffer;
  readonly topic: Uint8Array;
  readonly signal: AbortSignal;
}

/**
 * Whether any node of the DHT knows the key under the topic, and any the way to the key. Throws what the library does,
 * the signal's reason.
 */
export async function isStillKnown(dht: AskingNode, { key, topic, signal }: KnownAs): Promise<boolean> {
  const answers = await Promise.all([
    someReply(dht.lookup(Buffer.from(topic)), ({ peers }) => peers.some((peer) => key.equals(peer.publicKey)), signal),
    someReply(dht.findPeer(key), () => true, signal),
  ]);
  return answers.every((isKnown) => isKnown);
}

/** Asks no further once there is one. */
async function someReply<Reply>(
  query: AsyncIterable<Reply> & { destroy(): void },
  isIt: (reply: Reply) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const stop = () => query.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const reply of query) if (isIt(reply)) return true;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return false;
}
