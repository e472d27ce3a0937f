import { expect, it } from 'vitest';
import { examineRouter } from '../../../../src/net/doctor/examine-mapping.ts';
import { createPcpClient } from '../../../../src/net/mapping/pcp-client.ts';
import { type FakeRouterOptions, pcp, startFakeRouter } from '../../../support/net/fake-router.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { patience } from '../../../support/time/patience.ts';

async function examined(control: NonNullable<FakeRouterOptions['control']>) {
  await using router = await startFakeRouter({ control });
  const finding = await examineRouter(patience(), {
    own: { list: () => [{ on: 'lo', zone: 'lo', host: '127.0.0.1' }] },
    portAt: () => 4001,
    readRoutes: async () => [{ gateway: '127.0.0.1', by: 'lo' }],
    makeClients: () => [createPcpClient(router.at)],
    log: quietLog,
  });
  return { finding, open: [...router.open] };
}

it('says where the router is outside, and leaves no port open', async () => {
  const { finding, open } = await examined(pcp);
  expect(finding).toMatchObject({ check: 'mapping', outcome: 'ok', subject: '127.0.0.1' });
  expect(finding.says).toContain('(pcp), and is at 11.0.0.11:4001 outside');
  expect(open).toEqual([]);
});

it('says when the router is behind another', async () => {
  const { finding } = await examined((request, router) => {
    const answer = pcp(request, router);
    answer.set([10, 0, 0, 7], 56);
    return answer;
  });
  expect(finding).toMatchObject({ outcome: 'problem', says: expect.stringContaining('it is behind another') });
});

it('says what the router answers when it opens no ports', async () => {
  const { finding } = await examined((request) => {
    const answer = Buffer.from(request);
    answer.set([0x81, 0, 2], 1);
    return answer;
  });
  expect(finding).toMatchObject({ outcome: 'problem', says: expect.stringContaining('it is set up not to') });
});
