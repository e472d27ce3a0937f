import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AccountExport,
  readAccountExport,
  writeAccountExport,
} from '../../../../src/engine/home/account-export.ts';
import { MODES } from '../../../../src/events/kinds/conversation-created.ts';
import { privatePemOf } from '../../../../src/identity/keys-file.ts';
import { AccountUri, ConversationId } from '../../../../src/ids.ts';
import { testRandom, wholeTestAccount } from '../../../support/identity/accounts.ts';

const alice = await wholeTestAccount('alice');
const sealing = { password: 'correct horse', random: testRandom };
const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });
const conversations = fc.array(
  fc.record(
    {
      id: hex.map((text) => ConversationId.parse(text)),
      mode: fc.constantFrom(...MODES),
      title: fc.string(),
      people: fc.array(
        hex.map((text) => AccountUri.parse(text)),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['id', 'mode', 'people'] },
  ),
);
const accounts: fc.Arbitrary<AccountExport> = fc.record({
  name: fc.string(),
  keys: fc.constant({ account: alice.keys.account, authority: alice.keys.authority }),
  chain: fc.constant(alice.chain.account.pem + alice.chain.authority.pem),
  conversations,
  devices: fc.array(fc.constant(alice.chain.device.pem), { maxLength: 2 }),
  revocations: fc.array(fc.uint8Array({ minLength: 1 }), { maxLength: 2 }),
  bootstrap: fc.array(fc.string()),
});

/** Keys and bytes as values that can be compared. */
function plain({ keys, revocations, ...rest }: AccountExport) {
  const pems = [privatePemOf(keys.account), privatePemOf(keys.authority)];
  return { ...rest, pems, revocations: revocations.map((der) => Buffer.from(der).toString('hex')) };
}

describe('an exported account', () => {
  let text: string;
  beforeAll(async () => {
    const [account] = fc.sample(accounts, 1);
    if (!account) throw new TypeError('one was asked for');
    text = await writeAccountExport(account, sealing);
  });

  // A guess costs half a second on purpose, so a few have to do.
  it('is after reading what it was before writing', async () => {
    await fc.assert(
      fc.asyncProperty(accounts, async (account) => {
        const opened = await readAccountExport(await writeAccountExport(account, sealing), sealing.password);
        expect(opened.outcome === 'open' && plain(opened.account)).toEqual(plain(account));
      }),
      { numRuns: 4 },
    );
  });

  it('shows nothing of the account', async () => {
    expect(text).not.toContain('PRIVATE KEY');
    expect(text).not.toContain(alice.device.account);
  });

  it('opens with its own password only', async () => {
    expect(await readAccountExport(text, 'wrong horse')).toEqual({ outcome: 'wrong-password' });
  });

  it('is told apart, when damaged, from one with another password', async () => {
    const { sealed, ...rest } = JSON.parse(text) as { sealed: string };
    const other = sealed[100] === 'A' ? 'B' : 'A';
    const damaged = JSON.stringify({ ...rest, sealed: sealed.slice(0, 100) + other + sealed.slice(101) });
    for (const broken of [damaged, text.slice(0, -200), '{}', 'hello', ''])
      expect(await readAccountExport(broken, sealing.password)).toMatchObject({ outcome: 'unusable' });
  });

  it('says so when a newer program wrote it', async () => {
    const newer = JSON.stringify({ ...(JSON.parse(text) as object), version: 2 });
    const opened = await readAccountExport(newer, sealing.password);
    expect(opened).toEqual({ outcome: 'unusable', detail: expect.stringContaining('newer') });
  });
});
