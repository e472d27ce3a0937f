/**
 * SHA3-512 in a worker thread. `createHash` never leaves the thread it runs on, and WebCrypto has no SHA3:
 * only a worker keeps the event loop free while a file is hashed.
 */
import { availableParallelism } from 'node:os';
import { askThread } from '../hashing/ask-thread.ts';
import { createHashThread } from '../hashing/hash-thread-adapter.ts';
import type { Digester } from '../ports.ts';
import { followFile } from './following-digest.ts';
import type { IdentifyWishes, Sha3Command, Sha3Report } from './sha3-message.ts';

/** A core for each that works on a file that comes: the link, the chunks, the hash of the whole; and one for everybody else. */
const CORES_FOR_ALL = 4;
const CORES = availableParallelism();

/** The worker starts with the first hash, and keeps the process alive only while a hash is under way. */
export function createWorkerDigester(): Digester {
  const thread = createHashThread<Sha3Command, Sha3Report>(new URL('./sha3-worker', import.meta.url));
  return {
    async identify(path, { signal, chunkSize, onHashed }) {
      const wishes: IdentifyWishes = {
        ...(chunkSize !== undefined && { chunkSize }),
        ...(onHashed && { tellsHashed: true }),
      };
      const question = {
        command: (job: number) => ({ kind: 'identify', path, job, ...wishes }) as const,
        answer: 'identified',
        onOther: (report: Sha3Report) => report.kind === 'hashed' && onHashed?.(report.to),
      } as const;
      const { digest, hashes } = await askThread(thread, question, signal);
      return { digest, ...(hashes && { hashes }) };
    },
    isContended: CORES < CORES_FOR_ALL,
    // A machine with one core has to run all else on that one.
    follow: (path, options) => followFile(thread, path, { ...options, goesFirst: CORES > 1 && CORES < CORES_FOR_ALL }),
    [Symbol.asyncDispose]: () => thread.stop(),
  };
}
