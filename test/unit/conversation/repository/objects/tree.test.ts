import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareTreeEntries,
  formatTree,
  parseTree,
  type TreeEntry,
  type TreeMode,
} from '../../../../../src/conversation/repository/objects/tree.ts';
import { ObjectId } from '../../../../../src/ids.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const ID = ObjectId.parse('ab'.repeat(20));
const names = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((name) => !/[/\\\0]|^\.{1,2}$|^(\.git|git~1)[ .]*(:|$)/i.test(name) && Buffer.from(name).toString() === name);
const entries = fc.uniqueArray(
  fc.record({
    mode: fc.constantFrom<TreeMode>('100644', '100755', '40000', '120000'),
    name: names,
    id: fc.constant(ID),
  }),
  { selector: ({ name }) => name },
);

function raw(...list: readonly (readonly [mode: string, name: string | Uint8Array])[]): Buffer {
  return Buffer.concat(
    list.flatMap(([mode, name]) => [
      Buffer.from(`${mode} `),
      Buffer.from(name),
      Uint8Array.of(0),
      Buffer.alloc(20, 0xab),
    ]),
  );
}

it('reads what it wrote, in the one order there is, whatever order it was given', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const sorted = list.toSorted(compareTreeEntries);
      expect(parseTree(formatTree(list))).toEqual(sorted);
      expect(formatTree(list.toReversed())).toEqual(formatTree(sorted));
    }),
  );
});

it('sorts a directory as if its name ended in a slash', () => {
  const file = (name: string): TreeEntry => ({ mode: '100644', name, id: ID });
  const list = [file('a0'), { mode: '40000', name: 'a', id: ID } as const, file('a.crt'), file('a-')];
  expect(parseTree(formatTree(list)).map(({ name }) => name)).toEqual(['a-', 'a.crt', 'a', 'a0']);
});

describe('is refused', () => {
  it.each([
    ['a name stands twice', raw(['100644', 'a'], ['100644', 'a'])],
    ['a file and a directory of one name', raw(['100644', 'a'], ['100644', 'a.b'], ['40000', 'a'])],
    ['out of order', raw(['100644', 'b'], ['100644', 'a'])],
    ['an unknown mode', raw(['100600', 'a'])],
    ['a mode with a leading zero', raw(['040000', 'a'])],
    ['an empty name', raw(['100644', ''])],
    ['the parent directory', raw(['40000', '..'])],
    ['a path', raw(['100644', 'a/b'])],
    ['a path of another system', raw(['100644', 'a\\b'])],
    ['the repository itself', raw(['40000', '.GIT'])],
    ['the repository under its short name', raw(['40000', 'git~1'])],
    ['the repository with what Windows leaves out', raw(['40000', '.git. .'])],
    ['a stream of the repository', raw(['40000', '.git::$INDEX_ALLOCATION'])],
    ['the repository with what macOS leaves out', raw(['40000', '.g\u200cit\ufeff'])],
    ['a name that is not UTF-8', raw(['100644', Uint8Array.of(0xff, 0xfe)])],
    ['an entry cut short', raw(['100644', 'a']).subarray(0, -1)],
    ['no entry at all', Buffer.from('nonsense')],
  ])('%s', async (_reason, bytes) => {
    await thrownBy('MALFORMED', () => parseTree(bytes));
  });
});
