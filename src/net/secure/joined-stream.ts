import { Duplex } from 'node:stream';
import type { ProvedStream } from './secure-streams.ts';

export interface Halves {
  readonly writes: ProvedStream;
  readonly reads: ProvedStream;
}

/** Two streams to one device as one: the first carries what goes there, the second what comes back. Owns both. */
export function joinStreams({ writes, reads }: Halves): ProvedStream {
  const joined = new Duplex({
    read: () => void reads.stream.resume(),
    write: (bytes: Uint8Array, _encoding, done) => void writes.stream.write(bytes, done),
    final: (done) => void writes.stream.end(done),
    destroy(error, done) {
      for (const half of [writes, reads]) half.stream.destroy();
      done(error);
    },
  });
  // All the time, not only where somebody waits: an error may come between two listeners, and nobody hears it then.
  joined.on('error', () => {});
  hearEnds({ writes, reads }, joined);
  reads.stream.on('data', (bytes: Uint8Array) => {
    // As it came, since copying each record would cost what TLS itself does.
    if (joined.readableFlowing && joined.readableLength === 0) {
      joined.emit('data', bytes);
      return;
    }
    // Until somebody listens. The memory of what came is not ours to keep.
    if (!joined.push(Buffer.from(bytes))) reads.stream.pause();
  });
  return { ...writes, stream: joined };
}

/** Each half may end when it has done its part; whatever else befalls one of them befalls both. */
function hearEnds({ writes, reads }: Halves, joined: Duplex): void {
  let isReadToEnd = false;
  reads.stream.once('end', () => {
    isReadToEnd = true;
    joined.push(null);
  });
  reads.stream.once('close', () => {
    if (!isReadToEnd) joined.destroy();
  });
  writes.stream.once('close', () => {
    if (!writes.stream.writableFinished) joined.destroy();
  });
  // Nothing is to come this way; it is listened to so that its end is noticed.
  writes.stream.on('data', () => joined.destroy());
  for (const { stream } of [writes, reads]) {
    stream.on('error', (error) => joined.destroy(error));
    if (stream.destroyed) joined.destroy();
  }
}
