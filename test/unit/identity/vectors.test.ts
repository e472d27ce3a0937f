import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { accountBelongsTo, deviceBelongsTo, verifyChain } from '../../../src/identity/chain.ts';
import { longIdOf, shortIdOf } from '../../../src/identity/ids-of-key.ts';
import { verify, verifySync } from '../../../src/identity/signature.ts';
import { parseCertificates } from '../../../src/identity/x509-adapter.ts';
import { only } from '../../support/only.ts';

const VECTORS = new URL('../../../fixtures/vectors/', import.meta.url);
/** Within the validity of the recorded certificates. */
const NOW = Date.UTC(2027, 0, 1);

const ids = JSON.parse(await readFile(new URL('vectors.json', VECTORS), 'utf8'));
const device = only(parseCertificates(await readFile(new URL('device.crt', VECTORS))));
const account = only(parseCertificates(await readFile(new URL('account.crt', VECTORS))));
const authority = only(parseCertificates(await readFile(new URL('ca.crt', VECTORS))));

describe('the test vectors of the format', () => {
  it('have the ids that follow from their keys', () => {
    expect(shortIdOf(account.publicKey)).toBe(ids.accountUri);
    expect(account.shortId).toBe(ids.accountUri);
    expect(longIdOf(device.publicKey)).toBe(ids.deviceId);
    expect(device.longId).toBe(ids.deviceId);
    expect(device.shortId).toBe(ids.deviceShortId);
  });

  it('name the ids they have', () => {
    expect(device.subjectUid).toBe(ids.deviceShortId);
    expect(device.issuerUid).toBe(ids.accountUri);
    expect(account.subjectUid).toBe(ids.accountUri);
    expect(account.issuerUid).toBe(authority.shortId);
  });

  it('form a chain', async () => {
    const chain = await verifyChain([device, account, authority], NOW);
    expect(chain.device.longId).toBe(ids.deviceId);
    expect(await deviceBelongsTo(device, account)).toBe(true);
    expect(await accountBelongsTo(account, authority)).toBe(true);
  });

  it('are written again as they were read', async () => {
    for (const [name, certificate] of Object.entries({ device, account, ca: authority }))
      expect(certificate.pem).toBe(await readFile(new URL(`${name}.crt`, VECTORS), 'utf8'));
  });

  it('hold a commit that the device signed', async () => {
    const signed = await readFile(new URL('initial.tosign', VECTORS));
    const commit = await readFile(new URL('initial.commit', VECTORS), 'latin1');
    const signature = Buffer.from(/^signature (.+)$/m.exec(commit)?.[1] ?? '', 'base64');
    expect(signature).toHaveLength(512);
    expect(await verify(device.publicKey, signed, signature)).toBe(true);
    expect(verifySync(device.publicKey, signed, signature)).toBe(true);
    expect(await verify(account.publicKey, signed, signature)).toBe(false);
    expect(verifySync(device.publicKey, Buffer.concat([signed, Buffer.from('\n')]), signature)).toBe(false);
  });
});
