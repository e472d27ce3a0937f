/** Histories that break a rule of certificates, of size, or of revocation. */
import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { DeviceKeys } from '../../src/identity/identity.ts';
import { COMMIT_HEADER_BYTES, COMMIT_MESSAGE_BYTES, COMMIT_PARENTS } from '../../src/limits.ts';
import { wholeTestAccount } from './accounts.ts';
import { type Broken, type Cast, forkOf } from './conformance-cast.ts';
import { deviceFiles } from './forge.ts';
import { text } from './judged-group.ts';

/** The type of the attribute that holds an id: 0.9.2342.19200300.100.1.1. */
const UID_TYPE = Buffer.from('0992268993f22c640101', 'hex');

export function certificateOnes({ forge, bob, tablet }: Cast): Broken {
  const brings = (certificate: string, by = tablet) =>
    forge.commit({ by, says: text, files: { [`devices/${by.device}.crt`]: certificate } });
  return {
    OBJECT: [
      ['no-certificate-of-the-device', () => brings('no certificate')],
      [
        'no-certificate-of-the-account',
        () => forge.commit({ by: bob, says: text, files: { [`members/${bob.account}.crt`]: 'no certificate' } }),
      ],
    ],
    V2: [
      ['another-attribute', async () => brings(await issuedWithoutUid(tablet, (uid) => uid.writeUInt8(3, 9)))],
      ['no-id', async () => brings(await issuedWithoutUid(tablet, (uid) => uid.fill('z', UID_TYPE.length + 2)))],
    ],
  };
}

/** Larger than a commit may be. A reader may have other limits of its own; ours are in docs/limits.md. */
export function oversizeOnes({ forge, bob }: Cast): Broken {
  const headed = (lines: string) => (bytes: Buffer) => {
    const at = bytes.indexOf('\n') + 1;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(lines), bytes.subarray(at)]);
  };
  return {
    OBJECT: [
      ['oversize-text', () => forge.commit({ by: bob, says: { ...text, body: 'x'.repeat(COMMIT_MESSAGE_BYTES) } })],
      [
        'oversize-header',
        () => forge.commit({ by: bob, says: text, tamper: headed(`note ${'x'.repeat(COMMIT_HEADER_BYTES)}\n`) }),
      ],
      [
        'oversize-number-of-parents',
        async () => {
          const parent = `parent ${forge.head}\n`.repeat(COMMIT_PARENTS);
          return forge.commit({ by: bob, says: text, tamper: headed(parent) });
        },
      ],
    ],
  };
}

/** As one judges them who has heard that the tablet was revoked. */
export function revokedOnes(cast: Cast): Broken {
  const { forge, bob, tablet } = cast;
  return {
    REVOKED: [
      ['on-top', () => forge.say(tablet, 'who has my telephone?', deviceFiles(tablet))],
      [
        'a-merge-on-top',
        async () => {
          await forge.say(tablet, 'hi', deviceFiles(tablet));
          return forkOf({ ...cast, alice: tablet }, [() => forge.say(bob, 'one'), () => forge.say(bob, 'other')]);
        },
      ],
    ],
  };
}

/** The device's certificate with its issuer's id spoilt, and signed anew by the account. */
async function issuedWithoutUid({ name, chain }: DeviceKeys, spoil: (issuerUid: Buffer) => void): Promise<string> {
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(chain.device.pem) ?? [];
  const der = Buffer.from(base64, 'base64');
  // The issuer is named before the subject. The attribute's value, 40 digits, follows its type, behind two bytes.
  const at = der.indexOf(UID_TYPE);
  spoil(der.subarray(at, at + UID_TYPE.length + 2 + 40));
  const signed = der.subarray(4, 8 + der.readUInt16BE(6));
  const { keys } = await wholeTestAccount(name);
  const signature = await promisify(sign)('sha384', signed, keys.account);
  signature.copy(der, der.length - signature.length);
  const lines = der.toString('base64').replace(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
