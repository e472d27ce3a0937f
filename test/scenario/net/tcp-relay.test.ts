/** Our TURN client and RFC 6062 against a real relay. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Address } from '../../../src/net/address.ts';
import { expectBytesBothWays, placeOn } from '../../support/net/relay-place.ts';
import { startTurnServer } from '../../support/net/turn-server.ts';
import { coturn, describeNeeding } from '../../support/runner/needs.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/time/until.ts';

const LOOPBACK = '127.0.0.1';

/** Somebody to be connected to. */
async function listeningPeer(): Promise<{ readonly address: Address; readonly server: Server }> {
  const server = createServer().listen(0, LOOPBACK);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { address: { host: LOOPBACK, port: (server.address() as AddressInfo).port }, server };
}

describeNeeding(coturn, 'a TCP relay', () => {
  it('lets a permitted peer reach us, and carries bytes both ways', async () => {
    await using turn = await startTurnServer();
    const { relay, arrived } = await placeOn(turn.server('tcp'));
    await relay.permit(LOOPBACK);
    const peer = connect(relay.relayed.port, relay.relayed.host);
    onTestFinished(() => void peer.destroy());
    await until(() => arrived.length > 0);
    for (const { stream } of arrived) await expectBytesBothWays(peer, stream);
    expect(arrived.map((connection) => connection.peer)).toEqual([{ host: LOOPBACK, port: peer.localPort }]);
  });

  it('connects to a peer for us', async () => {
    await using turn = await startTurnServer();
    const { relay } = await placeOn(turn.server('tcp'));
    const { address, server } = await listeningPeer();
    await relay.permit(address.host);
    const connected = once(server, 'connection');
    const stream = await relay.dial(address, { signal: AbortSignal.timeout(60_000) });
    const [peer]: Socket[] = await connected;
    onTestFinished(() => void stream.destroy());
    onTestFinished(() => void peer?.destroy());
    if (peer) await expectBytesBothWays(stream, peer);
    expect(peer).toBeDefined();
  });

  it('is refused to whoever has the wrong password', async () => {
    await using turn = await startTurnServer();
    const server = { ...turn.server('tcp'), login: { kind: 'static', username: 'peer', password: 'wrong' } as const };
    const { data } = await thrownBy('RELAY_REFUSED', () => placeOn(server));
    expect(data).toMatchObject({ request: 'allocate', status: 401 });
  });

  it('takes a name and password made of a secret', async () => {
    const login = { kind: 'secret', username: 'peer', secret: randomBytes(16).toString('hex') } as const;
    await using turn = await startTurnServer({ login });
    const { relay } = await placeOn(turn.server('tcp'));
    expect(relay.relayed.host).toBe(LOOPBACK);
  });

  it('says when it is lost, and asks nothing more', async () => {
    await using turn = await startTurnServer();
    const { relay, lost } = await placeOn(turn.server('tcp'));
    await turn.stop();
    await until(() => lost.length > 0);
    await thrownBy('RELAY_LOST', () => relay.permit(LOOPBACK));
    expect(lost).toHaveLength(1);
  });

  it('is no relay when nobody answers', async () => {
    const turn = await startTurnServer();
    await turn.stop();
    await thrownBy('RELAY_LOST', () => placeOn(turn.server('tcp')));
  });
});
