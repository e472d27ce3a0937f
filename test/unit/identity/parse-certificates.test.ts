import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSyncError } from '../../../src/errors.ts';
import { parseCertificates } from '../../../src/identity/x509-adapter.ts';
import { CERTIFICATE_BYTES } from '../../../src/limits.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { thrownBy } from '../../support/thrown.ts';

const { chain, chainPem } = await testAccount('alice');

describe('reading certificates', () => {
  it('takes a list of PEM blocks in its order', () => {
    const ids = parseCertificates(Buffer.from(chainPem)).map(({ longId }) => longId);
    expect(ids).toEqual([chain.device.longId, chain.account.longId, chain.authority.longId]);
  });

  it('takes one certificate in DER', () => {
    expect(parseCertificates(chain.account.der).map(({ pem }) => pem)).toEqual([chain.account.pem]);
  });

  it('takes PEM with the line ends of another system', () => {
    expect(parseCertificates(Buffer.from(chainPem.replaceAll('\n', '\r\n')))).toHaveLength(3);
  });

  it('refuses what follows a certificate inside its block', async () => {
    const longer = Buffer.concat([chain.device.der, Buffer.from([0])]);
    await thrownBy('MALFORMED', () => parseCertificates(longer));
  });

  it('refuses a PEM block that holds nothing', async () => {
    const empty = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';
    await thrownBy('MALFORMED', () => parseCertificates(Buffer.from(chainPem + empty)));
  });

  it('refuses more bytes than a chain can need', async () => {
    const { data } = await thrownBy('LIMIT_EXCEEDED', () => parseCertificates(Buffer.alloc(CERTIFICATE_BYTES + 1)));
    expect(data.actual).toBe(CERTIFICATE_BYTES + 1);
  });

  it('reports whatever else it is given as malformed', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectMalformed(bytes)));
  });

  it('either reads a damaged certificate or reports it as malformed', () => {
    const places = fc.array(fc.tuple(fc.nat(chain.device.der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(places, (changes) => {
        const der = Uint8Array.from(chain.device.der);
        for (const [index, byte] of changes) der[index] = byte;
        try {
          expect(parseCertificates(der)).toHaveLength(1);
        } catch (error) {
          expect(isSyncError(error, 'MALFORMED')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function expectMalformed(bytes: Uint8Array): void {
  let code: string | undefined;
  try {
    parseCertificates(bytes);
  } catch (error) {
    code = isSyncError(error) ? error.code : String(error);
  }
  expect(code).toBe('MALFORMED');
}
