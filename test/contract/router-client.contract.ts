/** What every protocol that opens ports on a router has to do. */
import { describe, expect, it } from 'vitest';
import type { MappingAsk, RouterClient } from '../../src/net/mapping/router-client.ts';
import type { FakeRouter } from '../support/net/fake-router.ts';
import { patience } from '../support/time/patience.ts';

const ASK: MappingAsk = { internal: { host: '127.0.0.1', port: 4001 }, externalPort: 4001, lifetimeMs: 3_600_000 };

export interface ClientAtRouter extends AsyncDisposable {
  readonly client: RouterClient;
  readonly router: FakeRouter;
}

export function describeRouterClient(name: string, start: () => Promise<ClientAtRouter>): void {
  describe(name, () => {
    it('opens the port that was asked for, and says where others find it', async () => {
      await using at = await start();
      expect(await at.client.map(ASK, { signal: patience() })).toEqual({
        external: { host: '11.0.0.11', port: 4001 },
        lifetimeMs: 3_600_000,
      });
      expect([...at.router.open]).toEqual([[4001, '127.0.0.1:4001']]);
    });

    it('renews what is open', async () => {
      await using at = await start();
      await at.client.map(ASK, { signal: patience() });
      await at.client.map(ASK, { signal: patience() });
      expect([...at.router.open]).toEqual([[4001, '127.0.0.1:4001']]);
    });

    it('closes it again', async () => {
      await using at = await start();
      await at.client.map(ASK, { signal: patience() });
      await at.client.unmap(ASK, { signal: patience() });
      expect([...at.router.open]).toEqual([]);
    });

    it('ends with the signal', async () => {
      await using at = await start();
      const over = new AbortController();
      const mapping = at.client.map(ASK, { signal: over.signal });
      over.abort(new Error('enough'));
      await expect(mapping).rejects.toThrow('enough');
    });
  });
}
