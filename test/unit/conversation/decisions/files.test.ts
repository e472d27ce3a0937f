import { describe, expect, it } from 'vitest';
import { newTransferId } from '../../../../src/conversation/decisions/announce-file.ts';
import type { Intent } from '../../../../src/conversation/decisions/decide.ts';
import { DISPLAY_NAME_CHARACTERS } from '../../../../src/limits.ts';
import { admin, file, given, refused } from '../../../support/conversation/decided.ts';

describe('announcing a file', () => {
  it('states name, size and digest', () => {
    const { kind: _, ...announced } = file() as Extract<Intent, { kind: 'announce-file' }>;
    given(admin)
      .when(file())
      .gives({ event: { kind: 'file-announced', ...announced }, edits: [] });
  });
  it('takes no name that would leave its folder', () =>
    given(admin)
      .when(file({ displayName: 'x.a/b' }))
      .gives(refused('unsafe-name')));
  it('takes no endless name', () =>
    given(admin)
      .when(file({ displayName: 'x'.repeat(DISPLAY_NAME_CHARACTERS + 1) }))
      .gives(refused('too-long')));
  it('has a number of decimal digits', () => {
    expect(newTransferId({ below: (limit) => limit - 1, bytes: () => new Uint8Array() })).toMatch(/^[0-9]{1,20}$/);
    expect(newTransferId({ below: () => 0, bytes: () => new Uint8Array() })).toBe('1');
  });
});
