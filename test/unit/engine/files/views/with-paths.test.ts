import { describe, expect, it } from 'vitest';
import { withPaths } from '../../../../../src/engine/files/views/with-paths.ts';
import { account, device } from '../../../../support/events/interactions.ts';
import { GOLDEN_RECORDS } from '../../../../support/events/journal-records.ts';

const path = { kind: 'tcp', local: '10.0.0.1:4000', remote: '10.0.0.2:5000' } as const;
const links = () => [{ peer: { device: device(2), account: account(2) }, path, kind: 'lan' as const }];
const requested = { ...GOLDEN_RECORDS['file-requested'], from: device(2) };
const started = { ...GOLDEN_RECORDS['sub-transfer-started'], peer: device(2) };

describe('records with paths', () => {
  it('tell by which path a device is asked, and sends', () => {
    const asked = { ...path, link: 'lan' };
    expect(withPaths([requested, started], links)).toEqual([
      { ...requested, path: asked },
      { ...started, path: asked },
    ]);
  });

  it('tell none for a device without a link, for what leaves, and for all else', () => {
    const others = [
      { ...requested, from: device(3), path: undefined },
      { ...started, direction: 'serving' as const },
      GOLDEN_RECORDS['file-accepted'],
    ];
    expect(withPaths(others, links)).toEqual(others);
  });
});
