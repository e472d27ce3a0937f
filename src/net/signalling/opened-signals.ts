import { once } from 'node:events';
import { type DrainedSignals, type NoiseStream, noiseSignals } from './noise-signals-adapter.ts';

/**
 * Messages on a stream that was dialled, once both ends have proved their keys. Throws what the stream does, or the
 * signal's reason.
 */
export async function openedSignals(
  stream: NoiseStream,
  { isLocal, signal }: { readonly isLocal: boolean; readonly signal: AbortSignal },
): Promise<DrainedSignals> {
  // Reads from the start: the first messages may come with the last proof.
  const signals = noiseSignals(stream, { isLocal });
  try {
    await once(stream, 'open', { signal });
    return signals;
  } catch (error) {
    stream.destroy();
    signal.throwIfAborted();
    throw error;
  }
}
