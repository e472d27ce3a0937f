import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packSignatures, unpackSignatures } from '../../../src/identity/verify-batch.ts';

const keys = [1, 2, 3].map(() => generateKeyPairSync('ed25519').publicKey);

it('packs any signatures, and gives them back in their order', () => {
  const one = fc.record({ key: fc.constantFrom(...keys), signed: fc.uint8Array(), signature: fc.uint8Array() });
  fc.assert(
    fc.property(fc.array(one), (signatures) => {
      const batch = packSignatures(signatures);
      expect([...unpackSignatures(batch)]).toEqual(signatures);
      expect(batch.keys).toEqual([...new Set(signatures.map(({ key }) => key))]);
    }),
  );
});
