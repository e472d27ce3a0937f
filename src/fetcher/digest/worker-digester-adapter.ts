/**
 * SHA3-512 in a worker thread. `createHash` never leaves the thread it runs on, and WebCrypto has no SHA3:
 * only a worker keeps the event loop free while a file is hashed (network facts §6).
 */
import type { Digester } from '../ports.ts';
import { openDigestStream } from './digest-stream.ts';
import { createDigestThread } from './digest-thread-adapter.ts';

/** The worker starts with the first hash, and keeps the process alive only while a hash is under way. */
export function createWorkerDigester(): Digester {
  const thread = createDigestThread();
  return {
    open: (prefix) => openDigestStream(thread, prefix),
    async ofFile(path, { signal, length }) {
      signal.throwIfAborted();
      await using stream = openDigestStream(thread, { path, ...(length !== undefined && { length }) });
      return await orAborted(stream.digest(), signal);
    },
    [Symbol.asyncDispose]: () => thread.stop(),
  };
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
