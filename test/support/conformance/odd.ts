/** Histories that break a rule of size, or of revocation. */
import { COMMIT_HEADER_BYTES, COMMIT_MESSAGE_BYTES, COMMIT_PARENTS } from '../../../src/limits.ts';
import { deviceFiles } from '../conversation/forge.ts';
import { leave, text } from '../conversation/judged-group.ts';
import { type Broken, type Cast, forkOf } from './cast.ts';

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
        'leaves-on-top',
        async () => {
          await forge.say(tablet, 'hi', deviceFiles(tablet));
          return leave(cast, tablet, { [`admins/${tablet.account}.crt`]: undefined });
        },
      ],
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
