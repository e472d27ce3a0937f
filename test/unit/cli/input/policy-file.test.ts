import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicy, readPolicyFile } from '../../../../src/cli/input/policy-file.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../../support/thrown.ts';

const MiB = 1024 * 1024;
const uri = 'a'.repeat(40);
const conversation = 'b'.repeat(40);

describe('a policy file', () => {
  it('says in words what the policy holds in bytes and lists', () => {
    const text = JSON.stringify({
      rules: [
        { when: { type: 'video', atLeast: '100 MB', over: ['relay', 'direct'] }, do: 'ask' },
        { when: { extension: '.PDF', atMost: 1000, from: uri, conversation }, do: 'fetch' },
        { do: 'ask' },
      ],
      auto: 'all',
      quota: { total: '10 GB', conversations: { [conversation]: 5 } },
      reserve: '1 GiB',
      evict: true,
    });
    expect(parsePolicy(text, 'p.json')).toEqual({
      rules: [
        { when: { types: ['video'], atLeast: 100 * MiB, over: ['relay', 'direct'] }, do: 'ask' },
        { when: { extensions: ['pdf'], atMost: 1000, from: [uri], conversations: [conversation] }, do: 'fetch' },
        { when: {}, do: 'ask' },
      ],
      auto: 'all',
      quota: { total: 10 * 1024 * MiB, conversations: { [conversation]: 5 } },
      reserve: 1024 * MiB,
      evict: true,
    });
  });

  it('may be empty: then small pictures are fetched', () => {
    expect(parsePolicy('{}', 'p.json')).toEqual({ rules: [], auto: 'pictures' });
  });

  it.each([
    ['no JSON', '{', 'no JSON'],
    ['a word that is none of a policy’s', '{"acept": true}', 'acept'],
    ['a type that there is not', '{"rules":[{"when":{"type":"film"},"do":"ask"}]}', 'rules.0.when.type'],
    ['a size that is none', '{"reserve":"much"}', 'reserve'],
    ['a negative size', '{"quota":{"total":-1}}', 'quota.total'],
    ['a sender that is none', '{"rules":[{"when":{"from":"bob"},"do":"ask"}]}', 'rules.0.when.from'],
    ['a rule without its end', '{"rules":[{"when":{}}]}', 'rules.0.do'],
  ])('with %s is refused, and the message says where', async (_, text, where) => {
    const error = await thrownBy('USAGE', () => parsePolicy(text, 'p.json'));
    expect(error.message).toContain(where);
    expect(error.message).toContain('p.json');
  });

  it('is read from its path', async () => {
    const path = join(await temporaryDirectory(), 'policy.json');
    await thrownBy('FILE_FAILED', () => readPolicyFile(path));
    await writeFile(path, '{"auto":"nothing"}');
    expect(await readPolicyFile(path)).toMatchObject({ auto: 'nothing' });
  });
});
