/** Histories that break a rule of signatures and certificates. */
import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { adminFiles, deviceFiles, type Files } from '../conversation/forge.ts';
import { ban, certificate, text } from '../conversation/judged-group.ts';
import { wholeTestAccount } from '../identity/accounts.ts';
import { type Broken, type Cast, joinsInTime } from './cast.ts';

/** The type of the attribute that holds an id: 0.9.2342.19200300.100.1.1. */
const UID_TYPE = Buffer.from('0992268993f22c640101', 'hex');

export function signerOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol, tablet, old, stale } = cast;
  const changing = (from: string | RegExp, to: string) => (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
  const foundedAt = (seconds: number) =>
    forge.commit({ by: stale, says: { type: 'initial', mode: 2 }, files: adminFiles(stale), on: [], seconds });
  const certified = (files: Files) => forge.commit({ by: alice, says: { type: 'initial', mode: 2 }, files, on: [] });
  return {
    R2: [
      ['no-signature', () => forge.commit({ by: bob, says: text, tamper: changing(/signature .*\n/, '') })],
      ['no-base64', () => forge.commit({ by: bob, says: text, tamper: changing(/signature .*\n/, 'signature ?\n') })],
    ],
    V1: [
      ['no-certificate', () => forge.commit({ by: tablet, says: text })],
      [
        'a-banned-device',
        async () => {
          await forge.say(tablet, 'hi', deviceFiles(tablet));
          await ban(cast, tablet, 'devices');
          return forge.say(tablet, 'back again', deviceFiles(tablet));
        },
      ],
    ],
    V3: [
      ['a-stranger', () => forge.commit({ by: carol, says: text, files: deviceFiles(carol) })],
      ['a-banned-member', () => ban(cast, bob), () => forge.say(bob, 'hello?')],
    ],
    V4: [
      ['joins-expired', () => forge.invite(alice, old), () => forge.join(old)],
      [
        'a-second-too-late',
        async () => {
          await joinsInTime(cast);
          return forge.commit({ by: old, says: text, seconds: old.chain.device.notAfter / 1000 + 1 });
        },
      ],
      [
        'speaks-expired',
        async () => {
          await joinsInTime(cast);
          return forge.say(old, 'years later');
        },
      ],
    ],
    V5: [
      ['joins-expired', () => forge.invite(alice, stale), () => forge.join(stale)],
      ['founds-expired', () => forge.found(stale)],
      ['founds-a-second-too-late', () => foundedAt(stale.chain.account.notAfter / 1000 + 1)],
    ],
    V6: [
      ['anothers-key', () => forge.commit({ by: bob, says: text, signedWith: alice })],
      ['a-changed-letter', () => forge.commit({ by: bob, says: text, tamper: changing('hello', 'hallo') })],
    ],
    V7: [
      [
        'anothers-account',
        () => certified({ ...adminFiles(alice), [`admins/${alice.account}.crt`]: certificate(bob) }),
      ],
      [
        'renewed-with-anothers',
        () => forge.say(bob, 'renewed', { [`members/${bob.account}.crt`]: certificate(alice) }),
      ],
    ],
    S1: [
      [
        'anothers-device',
        () => {
          const files = { [`devices/${bob.device}.crt`]: deviceFiles(alice)[`devices/${alice.device}.crt`] };
          return forge.commit({ by: bob, says: text, files, signedWith: alice });
        },
      ],
      [
        'anothers-authority',
        () => {
          const chain = alice.chain.account.pem + bob.chain.authority.pem;
          return certified({ ...adminFiles(alice), [`admins/${alice.account}.crt`]: chain });
        },
      ],
    ],
  };
}

export function certificateOnes({ forge, bob, tablet }: Cast): Broken {
  const brings = (file: string, by = tablet) =>
    forge.commit({ by, says: text, files: { [`devices/${by.device}.crt`]: file } });
  return {
    OBJECT: [
      ['no-certificate-of-the-device', () => brings('no certificate')],
      [
        'no-certificate-of-the-account',
        () => forge.commit({ by: bob, says: text, files: { [`members/${bob.account}.crt`]: 'no certificate' } }),
      ],
    ],
    S1: [
      ['not-certified-by-its-account', () => brings(withAnotherSignature(tablet))],
      ['not-certified-by-its-account-any-more', () => brings(withAnotherSignature(bob), bob)],
    ],
    V2: [
      ['another-attribute', async () => brings(await issuedWithoutUid(tablet, (uid) => uid.writeUInt8(3, 9)))],
      ['no-id', async () => brings(await issuedWithoutUid(tablet, (uid) => uid.fill('z', UID_TYPE.length + 2)))],
    ],
  };
}

/** The device's certificate with its issuer's id spoilt, and signed anew by the account. */
async function issuedWithoutUid({ name, chain }: DeviceKeys, spoil: (issuerUid: Buffer) => void): Promise<string> {
  const der = derOf(chain.device.pem);
  // The issuer is named before the subject. The attribute's value, 40 digits, follows its type, behind two bytes.
  const at = der.indexOf(UID_TYPE);
  spoil(der.subarray(at, at + UID_TYPE.length + 2 + 40));
  const signed = der.subarray(4, 8 + der.readUInt16BE(6));
  const { keys } = await wholeTestAccount(name);
  const signature = await promisify(sign)('sha384', signed, keys.account);
  signature.copy(der, der.length - signature.length);
  return pemOf(der);
}

/** The device's certificate with one bit of its account's signature turned over. */
function withAnotherSignature({ chain }: DeviceKeys): string {
  const der = derOf(chain.device.pem);
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return pemOf(der);
}

function derOf(pem: string): Buffer {
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(pem) ?? [];
  return Buffer.from(base64, 'base64');
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
