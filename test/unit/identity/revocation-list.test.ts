import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issueRevocationList, parseRevocationList } from '../../../src/identity/crl-adapter.ts';
import { DeviceId } from '../../../src/ids.ts';
import { REVOCATION_LIST_BYTES, REVOKED_DEVICES } from '../../../src/limits.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { TEST_NOW, wholeTestAccount } from '../../support/identity/accounts.ts';
import { describeNeeding, openssl } from '../../support/runner/needs.ts';
import { thrownBy } from '../../support/thrown.ts';

const alice = await wholeTestAccount('alice');
const bob = await wholeTestAccount('bob');
const issuing = { issuer: alice.chain.account, key: alice.keys.account, after: [], now: TEST_NOW };
const serials = fc.uniqueArray(
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((number) => number.toString(16)),
  { minLength: 1, maxLength: 20 },
);

const idOf = (bytes: Uint8Array) => DeviceId.parse(Buffer.from(bytes).toString('hex'));
const devices = fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }).map(idOf), { maxLength: 20 });

describe('a revocation list', () => {
  it('names after reading what it was issued for, signed by the account', async () => {
    await fc.assert(
      fc.asyncProperty(serials, devices, async (named, byId) => {
        const issued = await issueRevocationList({ ...issuing, serials: named, devices: byId });
        const read = parseRevocationList(issued.der);
        expect([...read.serials]).toEqual(named);
        expect([...read.devices]).toEqual(byId);
        expect(read.number).toBe(BigInt(TEST_NOW) << 16n);
        expect(await read.isSignedBy(alice.chain.account.publicKey)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('names a certificate as the certificate names itself', async () => {
    const { serial } = alice.chain.device;
    const { der } = await issueRevocationList({ ...issuing, serials: [serial] });
    expect(parseRevocationList(der).serials.has(serial)).toBe(true);
  });

  it('is not another account’s', async () => {
    const list = await issueRevocationList({ ...issuing, serials: ['1'] });
    expect(await list.isSignedBy(bob.chain.account.publicKey)).toBe(false);
  });

  it('proves nothing else once a byte of it was changed', async () => {
    const { der, serials: named } = await issueRevocationList({ ...issuing, serials: ['1234567890abcdef'] });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const proved = await provedBy(Uint8Array.from(der, (byte, index) => (index === at ? byte ^ change : byte)));
        // What surrounds the signed part can be written in several ways.
        expect(proved === undefined || [...proved].join() === [...named].join()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('has a higher number than the one before, whatever the clock says', async () => {
    const first = await issueRevocationList({ ...issuing, serials: ['1'] });
    const second = await issueRevocationList({ ...issuing, serials: ['1'], after: [first.number], now: TEST_NOW - 1 });
    expect(second.number).toBe(first.number + 1n);
  });

  it('names as many devices as an account may revoke within its size, however they are named', async () => {
    const numbers = Array.from({ length: REVOKED_DEVICES }, (_, at) => 2n ** 63n - 1n - BigInt(at));
    const byId = numbers.map((number) => DeviceId.parse(number.toString(16).padStart(64, 'f')));
    for (const named of [{ serials: numbers.map((number) => number.toString(16)) }, { serials: [], devices: byId }])
      expect((await issueRevocationList({ ...issuing, ...named })).der.length).toBeLessThan(REVOCATION_LIST_BYTES);
  });

  it('is refused when it is none, or too long', async () => {
    await thrownBy('MALFORMED', async () => parseRevocationList(Buffer.from('hello')));
    await thrownBy('LIMIT_EXCEEDED', async () => parseRevocationList(new Uint8Array(REVOCATION_LIST_BYTES + 1)));
  });
});

describeNeeding(openssl, 'a revocation list, read by others,', () => {
  it('is one to openssl, too', async () => {
    const folder = await temporaryDirectory();
    const [list, account] = [join(folder, 'list.crl'), join(folder, 'account.pem')];
    const { der } = await issueRevocationList({
      ...{ ...issuing, serials: [alice.chain.device.serial], devices: [alice.device.device] },
    });
    await writeFile(list, der);
    await writeFile(account, alice.chain.account.pem);
    const shown = readByOpenssl(['crl', '-inform', 'DER', '-in', list, '-noout', '-text', '-CAfile', account]);
    expect(shown).toContain('Version 2');
    expect(shown).toContain('sha512WithRSAEncryption');
    expect(shown.toLowerCase()).toContain(alice.chain.device.serial);
  });
});

async function provedBy(der: Uint8Array): Promise<ReadonlySet<string> | undefined> {
  try {
    const list = parseRevocationList(der);
    return (await list.isSignedBy(alice.chain.account.publicKey)) ? list.serials : undefined;
  } catch {
    return undefined;
  }
}

function readByOpenssl(args: readonly string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
