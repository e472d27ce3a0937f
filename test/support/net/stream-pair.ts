import { Duplex } from 'node:stream';

/**
 * Two ends of one stream. As with sockets, what one end writes is copied, so that its memory may be used again once it was
 * written, and reaches the other end in a later turn of the event loop. Node's `duplexPair` does neither.
 */
export function streamPair(): readonly [Duplex, Duplex] {
  const near = endOf(() => far);
  const far: Duplex = endOf(() => near);
  return [near, far];
}

function endOf(other: () => Duplex): Duplex {
  const give = (bytes: Uint8Array | null, done: () => void) =>
    setImmediate(() => {
      if (!other().destroyed) other().push(bytes);
      done();
    });
  return new Duplex({
    read() {},
    write: (bytes: Uint8Array, _encoding, done) => void give(Buffer.from(bytes), done),
    final: (done) => void give(null, done),
  });
}
