import { expect, it } from 'vitest';
import { parsePolicy } from '../../../../src/cli/input/policy-file.ts';
import { ruleAsWritten } from '../../../../src/cli/words/own-rule.ts';

it('a rule is told as its policy file has it, whatever it looks at', () => {
  const written = {
    when: {
      ...{ type: ['picture', 'audio'], extension: ['pdf'], conversation: ['a'.repeat(40)] },
      ...{ atLeast: 1024, atMost: 4096, from: ['b'.repeat(40)], over: ['lan', 'relay'] },
    },
    do: 'ask',
  };
  const [rule] = parsePolicy(JSON.stringify({ rules: [written] }), 'policy.json').rules ?? [];
  const [place, told = ''] = ruleAsWritten(JSON.parse(JSON.stringify({ ...rule, place: 3 }))).split(/: (.*)/);
  expect(place).toBe('3');
  expect(JSON.parse(told)).toEqual(written);
});
