/** A thread that verifies signatures, many at a time. */
import { parentPort } from 'node:worker_threads';
import { verifySync } from './signature.ts';
import { unpackSignatures, type VerifiedBatch, type VerifyBatch } from './verify-batch.ts';

parentPort?.on('message', (batch: VerifyBatch) => {
  const verified: VerifiedBatch = Array.from(unpackSignatures(batch), ({ key, signed, signature }) =>
    verifySync(key, signed, signature),
  );
  parentPort?.postMessage(verified);
});
