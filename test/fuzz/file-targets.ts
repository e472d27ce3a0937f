/** Files that somebody hands to a person: accounts to move, policies, lists of relays; and what a git client asks for first. */
import { createHash } from 'node:crypto';
import { parsePolicy } from '../../src/cli/input/policy-file.ts';
import { parseRelays } from '../../src/cli/input/relay-file.ts';
import { requireRequestFor } from '../../src/conversation/sync/request-line.ts';
import { turnServerOf } from '../../src/engine/devices/relay-options.ts';
import { readAccountExport, readExportContent } from '../../src/engine/home/account-export.ts';
import { readKeysFile } from '../../src/identity/keys-file.ts';
import { ConversationId } from '../../src/ids.ts';
import { wholeTestAccount } from '../support/identity/accounts.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJsonText } from './mutate-json.ts';
import type { FuzzTarget } from './target.ts';

const ID = 'ab'.repeat(20);
const conversation = ConversationId.parse(ID);
const textOf = (input: Uint8Array) => Buffer.from(input).toString();

const { keys, chain } = await wholeTestAccount('alice');
const pemOf = (key: typeof keys.account) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const PRIVATE = { account: pemOf(keys.account), authority: pemOf(keys.authority) };

/** As little work as the file may ask for. */
const SEALED = {
  kdf: { name: 'scrypt', cost: 2, blockSize: 1, lanes: 1, salt: 'AAAAAAAAAAAAAAAAAAAAAA==' },
  cipher: { name: 'aes-256-gcm', nonce: 'AAAAAAAAAAAAAAAA' },
  sealed: Buffer.alloc(64).toString('base64'),
};
const sum = createHash('sha256').update(SEALED.sealed).digest('hex');
const EXPORT = JSON.stringify({ format: 'swarmlog account', version: 1, sum, ...SEALED });
const EXPORTED = JSON.stringify({
  ...{ name: 'Alice', ...PRIVATE, chain: chain.account.pem + chain.authority.pem },
  conversations: [{ id: ID, mode: 'invites-only', title: 'Cycling', people: [ID] }],
  ...{ devices: [chain.device.pem], revocations: ['AAAA'], bootstrap: ['127.0.0.1:49737'] },
});
const KEYS_FILES = [
  { protection: 'none', ...PRIVATE },
  { protection: 'password', ...SEALED },
].map((file) => JSON.stringify({ version: 1, ...file }));

const POLICY = JSON.stringify({
  rules: [
    { when: { type: ['picture'], atMost: '20 MB', from: ID, conversation: [ID], over: 'lan' }, do: 'fetch' },
    { when: { extension: ['.PDF', 'txt'], atLeast: 7 }, do: 'ask' },
  ],
  ...{ auto: 'nothing', pictureBytes: '5M', reserve: '1.5 GiB', evict: true },
  quota: { total: '50 GB', perConversation: 7, conversations: { [ID]: '1K' } },
});
const RELAYS = JSON.stringify({
  relays: [
    { uri: 'turn:192.0.2.1:3478?transport=tcp', username: 'alice', password: 'secret' },
    { uri: 'turns:[2001:db8::1]', username: 'alice', secret: 'secret', authority: 'relay.pem' },
  ],
});

export const FILE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'account-export',
    draw: (draw) => mutateJsonText(EXPORT, draw),
    read: (input) => readAccountExport(textOf(input), 'password'),
  },
  {
    name: 'account-export-content',
    draw: (draw) => mutateJsonText(EXPORTED, draw),
    read: (input) => readExportContent(textOf(input)),
  },
  {
    name: 'account-keys',
    draw: (draw) => mutateJsonText(draw.pick(KEYS_FILES), draw),
    read: (input) => readKeysFile(textOf(input), 'password'),
  },
  {
    name: 'policy-file',
    draw: (draw) => mutateJsonText(POLICY, draw),
    read: (input) => parsePolicy(textOf(input), 'policy.json'),
  },
  {
    name: 'relay-file',
    draw: (draw) => mutateJsonText(RELAYS, draw),
    read(input) {
      for (const { authority, ...relay } of parseRelays(textOf(input), 'relays.json'))
        turnServerOf({ ...relay, ...(authority !== undefined && { authority }) });
    },
  },
  {
    name: 'request-line',
    draw: (draw) => mutateBytes(Buffer.from(`git-upload-pack /${ID}\0host=127.0.0.1:9418\0\0version=2\0`), draw),
    read: (input) => requireRequestFor(conversation, input),
  },
];
