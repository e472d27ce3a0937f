import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/events/canonical-json.ts';
import { decode } from '../../../src/events/decode.ts';
import { encode, encodeMerge } from '../../../src/events/encode.ts';
import { fileIdOf } from '../../../src/events/file-id.ts';
import { CommitId } from '../../../src/ids.ts';

interface Recorded {
  readonly commits: readonly { readonly type: string; readonly bodyText: string }[];
  readonly fileTransfers: readonly { id: string; tid: string; displayName: string; fileId: string }[];
}

const path = new URL('../../../fixtures/jami/one-to-one/expected.json', import.meta.url);
const recorded: Recorded = JSON.parse(await readFile(path, 'utf8'));
const merges = recorded.commits.filter(({ type }) => type === 'merge');
const bodies = recorded.commits.filter(({ type }) => type !== 'merge');

describe('a conversation that another program recorded', () => {
  it('has bodies that are canonical, byte for byte', () => {
    expect(bodies).toHaveLength(52);
    for (const { bodyText } of bodies) expect(canonicalJson(JSON.parse(bodyText))).toBe(bodyText);
  });

  it('holds only events that are known', () => {
    for (const { bodyText, type } of bodies) expect(decode(bodyText)).toMatchObject({ outcome: 'known', type });
  });

  it('is written again as it was read, but for the older form of edits', () => {
    for (const { bodyText, type } of bodies) {
      const decoded = decode(bodyText);
      const today = type === 'application/edited-message' ? bodyText.replace(type, 'text/plain') : bodyText;
      expect(decoded.outcome === 'known' && encode(decoded.event)).toBe(today);
    }
  });

  it('merges by a text that names the merged head', () => {
    expect(merges).toHaveLength(24);
    for (const { bodyText } of merges) {
      const decoded = decode(bodyText);
      expect(decoded.outcome === 'merge' && decoded.merged && encodeMerge(decoded.merged)).toBe(bodyText);
    }
  });

  it('names its files as we do', () => {
    expect(recorded.fileTransfers).toHaveLength(18);
    for (const { id, fileId, ...file } of recorded.fileTransfers)
      expect(fileIdOf(CommitId.parse(id), file)).toBe(fileId);
  });
});
