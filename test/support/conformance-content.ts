/** Histories that break a rule of beginnings, contents, merges and signatures. */
import type { DeviceKeys } from '../../src/identity/identity.ts';
import type { CommitId } from '../../src/ids.ts';
import {
  attachment,
  type Broken,
  type Cast,
  CHECKPOINT,
  EXPIRED,
  forkOf,
  PROFILE,
  profile,
  README,
  revocations,
  UPDATE,
} from './conformance-cast.ts';
import { adminFiles, deviceFiles, type Files, memberFiles } from './forge.ts';
import { ban, certificate, member, NOBODY, text } from './judged-group.ts';

export function initialOnes({ forge, alice, bob, document, at }: Cast): Broken {
  const found = (says: object, files: Files = {}) =>
    forge.commit({ by: alice, says: { type: 'initial', ...says }, files: { ...adminFiles(alice), ...files }, on: [] });
  const secondRoot = (by: DeviceKeys) => async () => {
    const first = forge.head;
    const second = await forge.found(by);
    forge.rewindTo(first);
    await forge.commit({ by: alice, says: `Merge commit '${second}'`, on: [first, second], files: adminFiles(by) });
    return second;
  };
  return {
    R5: [
      ['unknown-mode', () => found({ mode: 9 })],
      ['no-mode', () => found({})],
    ],
    R6: [
      ['more-files', () => found({ mode: 2 }, README)],
      ['anothers-revocations', () => found({ mode: 2 }, revocations(bob))],
      ['invitation-in-a-group', () => found({ mode: 2 }, { [`invited/${bob.account}`]: '' })],
    ],
    S2: [
      ['a-second-root', secondRoot(bob)],
      ['a-second-root-of-the-founder', secondRoot(alice)],
    ],
    R48: [
      ['text', at(document), () => forge.say(alice, 'hello')],
      ['call', at(document), () => forge.commit({ by: alice, says: { type: 'application/call-history+json' } })],
    ],
  };
}

export function contentOnes(cast: Cast): Broken {
  const { forge, alice, bob, carol, document } = cast;
  const edit = (by: DeviceKeys, target: string) => forge.commit({ by, says: { ...text, edit: target } });
  const call = { type: 'application/call-history+json', to: '', duration: '1' };
  const stored = (files: Files) => {
    forge.rewindTo(document);
    return forge.commit({ by: alice, says: CHECKPOINT, files });
  };
  return {
    R7: [
      ['no-json', () => forge.commit({ by: bob, says: 'hello' })],
      ['no-type', () => forge.commit({ by: bob, says: { body: 'x' } })],
      ['a-mode-in-words', () => forge.commit({ by: bob, says: { ...text, mode: '2' } })],
    ],
    R41: [
      ['by-a-member', () => forge.commit({ by: bob, says: UPDATE, files: PROFILE })],
      [
        'taken-away-by-a-member',
        async () => {
          await profile(cast, 'ours');
          return forge.commit({ by: bob, says: UPDATE, files: { 'profile.vcf': undefined } });
        },
      ],
    ],
    R42: [
      ['readme', () => forge.commit({ by: alice, says: UPDATE, files: { ...PROFILE, ...README } })],
      ['an-invitation', () => forge.commit({ by: alice, says: UPDATE, files: { [`invited/${NOBODY}`]: '' } })],
    ],
    R43: [
      ['in-a-group', () => forge.commit({ by: bob, says: CHECKPOINT })],
      [
        'in-a-group-with-attachment',
        () => forge.commit({ by: alice, says: CHECKPOINT, files: attachment(forge, 'x') }),
      ],
    ],
    R44: [
      ['another-name', () => stored({ [`attachments/${NOBODY}`]: Buffer.from([0, 1, 2, 255]) })],
      ['certificate-removed', () => stored({ ...attachment(forge, 'y'), [`admins/${alice.account}.crt`]: undefined })],
    ],
    R45: [
      ['of-nothing', () => edit(bob, NOBODY)],
      ['without-a-target', () => forge.commit({ by: bob, says: { type: 'application/edited-message', body: 'x' } })],
    ],
    R46: [
      ['of-anothers', async () => edit(alice, await forge.say(bob, 'mine'))],
      ['of-the-admins', async () => edit(bob, await forge.say(alice, 'mine'))],
    ],
    R47: [
      ['of-a-call', async () => edit(bob, await forge.commit({ by: bob, says: call }))],
      ['of-an-invitation', async () => edit(alice, await forge.invite(alice, cast.dave))],
    ],
    R49: [
      ['adds-a-file', () => forge.say(bob, 'look', README)],
      ['makes-an-admin', () => forge.say(bob, 'look', { [`admins/${bob.account}.crt`]: certificate(bob) })],
      ['brings-a-foreign-device', () => forge.say(bob, 'look', deviceFiles(carol))],
      [
        'edits-with-a-file',
        async () => forge.commit({ by: bob, says: { ...text, edit: await forge.say(bob, 'a') }, files: README }),
      ],
    ],
  };
}

export function mergeOnes(cast: Cast): Broken {
  const { forge, alice, bob } = cast;
  const says = (body: string) => () => forge.say(bob, body);
  const joined = async (more: number) => {
    const base = forge.head;
    const heads: CommitId[] = [];
    for (let at = 0; at < more; at += 1) {
      forge.rewindTo(base);
      heads.push(await forge.say(bob, `${at}`));
    }
    return forge.commit({ by: alice, says: 'Merge commit', on: heads });
  };
  const undone = async (by: DeviceKeys, mine: 'ban' | 'words') => {
    const base = forge.head;
    const banned = await ban(cast, bob);
    forge.rewindTo(base);
    const words = await forge.say(bob, 'still here');
    const on = mine === 'ban' ? [banned, words] : [words, banned];
    return forge.commit({ by, says: 'Merge commit', on, treeOf: words });
  };
  return {
    R51: [
      ['three-parents', () => joined(3)],
      ['four-parents', () => joined(4)],
    ],
    R52: [
      ['a-new-file', () => forkOf(cast, [says('one'), says('other')], README)],
      ['a-new-profile', () => forkOf(cast, [says('one'), says('other')], PROFILE)],
    ],
    S3: [
      ['a-ban-undone-by-the-banned', () => undone(bob, 'words')],
      ['a-ban-undone-by-the-admin', () => undone(alice, 'ban')],
      [
        'a-profile-dropped',
        () => forkOf(cast, [() => profile(cast, 'ours'), says('other')], { 'profile.vcf': undefined }),
      ],
    ],
  };
}

export function signerOnes(cast: Cast): Broken {
  const { forge, alice, bob, tablet, old, stale } = cast;
  const changing = (from: string | RegExp, to: string) => (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
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
    V4: [
      ['joins-expired', () => forge.invite(alice, old), () => forge.join(old)],
      [
        'speaks-expired',
        async () => {
          await forge.invite(alice, old);
          const says = member('join', old.account);
          const files = { [`invited/${old.account}`]: undefined, ...memberFiles(old) };
          await forge.commit({ by: old, says, files, seconds: EXPIRED / 1000 + 5 });
          return forge.say(old, 'years later');
        },
      ],
    ],
    V5: [
      ['joins-expired', () => forge.invite(alice, stale), () => forge.join(stale)],
      ['founds-expired', () => forge.found(stale)],
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
