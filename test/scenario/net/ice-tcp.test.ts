/** Our ICE agent for TCP: with one of its kind, and with that of another library. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFramedReader } from '../../../src/net/ice/framing.ts';
import { IceTcpAgent, type SelectedSocket } from '../../../src/net/ice/ice-tcp-adapter.ts';
import type { IceRole } from '../../../src/net/ice/pairs.ts';
import { type Candidate, formatCandidate, parseCandidate } from '../../../src/net/signalling/candidate.ts';
import { newCredentials } from '../../../src/net/signalling/description.ts';
import { looksLikeStun } from '../../../src/net/stun/message.ts';
import { ownAddresses } from '../../support/net/own-addresses.ts';
import { describeNeeding, libnice } from '../../support/runner/needs.ts';
import { realClock, realRandom } from '../../support/time/real-clock.ts';

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

function agentOf(role: IceRole, host: string = LOOPBACK[4]) {
  const credentials = newCredentials(realRandom);
  const options = {
    own: ownAddresses(host),
    isLocal: false,
    stunServers: [],
    clock: realClock,
    random: realRandom,
    onExhausted() {},
  };
  const agent = new IceTcpAgent({ ...options, credentials, role });
  onTestFinished(() => agent.close());
  return { agent, credentials };
}

async function taken({ selected }: IceTcpAgent): Promise<SelectedSocket> {
  const found = await selected;
  onTestFinished(() => void found.socket.destroy());
  return found;
}

const only = (tcpType: 'active' | 'passive') => (candidate: Candidate) => candidate.tcpType === tcpType;

describe('two agents on the loopback', () => {
  it.each([
    ['both can connect', () => true, () => true],
    ['only the controlling one can', only('active'), only('passive')],
    ['only the controlled one can', only('passive'), only('active')],
  ])('end on the two ends of one connection when %s', async (_, ofControlling, ofControlled) => {
    const [a, b] = [agentOf('controlling'), agentOf('controlled')];
    const [fromA, fromB] = await Promise.all([a.agent.gather(), b.agent.gather()]);
    b.agent.begin({ ...a.credentials, candidates: fromA.filter(ofControlling) });
    a.agent.begin({ ...b.credentials, candidates: fromB.filter(ofControlled) });
    const [first, second] = await Promise.all([taken(a.agent), taken(b.agent)]);
    expect(first.socket.localPort).toBe(second.socket.remotePort);
    expect([first.role, second.role]).toEqual(['controlling', 'controlled']);
    first.socket.write('not framed any more');
    const text = new Promise((resolve) => second.socket.once('data', (chunk) => resolve(chunk.toString())).resume());
    expect(await text).toBe('not framed any more');
  });

  it('find out who is controlling when both think they are', async () => {
    const [a, b] = [agentOf('controlling'), agentOf('controlling')];
    const [fromA, fromB] = await Promise.all([a.agent.gather(), b.agent.gather()]);
    b.agent.begin({ ...a.credentials, candidates: fromA });
    a.agent.begin({ ...b.credentials, candidates: fromB });
    const [first, second] = await Promise.all([taken(a.agent), taken(b.agent)]);
    expect(new Set([first.role, second.role]).size).toBe(2);
    expect(first.socket.localPort).toBe(second.socket.remotePort);
  });
});

interface NiceAgent {
  readonly described: { readonly ufrag: string; readonly pwd: string; readonly candidates: readonly string[] };
  begin(remote: object): void;
}

async function startNice(role: IceRole, host: string): Promise<NiceAgent> {
  const script = fileURLToPath(new URL('../../support/net/libnice-agent.py', import.meta.url));
  // The system's own interpreter: libnice's bindings belong to it.
  const child = spawn('/usr/bin/python3', [script, host, role], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value } = await lines.next();
  return {
    described: JSON.parse(value ?? '{}'),
    begin: (remote) => void child.stdin.write(`${JSON.stringify(remote)}\n`),
  };
}

/** What the other side says once it has a pair; its agent may still check now and then. */
function heardOn({ socket }: SelectedSocket): Promise<string> {
  const reader = createFramedReader();
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the connection is gone')));
    socket.on('data', (chunk: Uint8Array) => {
      reader.push(chunk);
      for (let message = reader.next(); message !== undefined; message = reader.next())
        if (!looksLikeStun(message)) resolve(Buffer.from(message).toString());
    });
    socket.resume();
  });
}

describeNeeding(libnice, 'with an agent of libnice', () => {
  it.each([
    ['controlling', 'passive', 4],
    ['controlling', 'active', 4],
    ['controlled', 'passive', 4],
    ['controlled', 'active', 4],
    ['controlling', 'passive', 6],
    ['controlled', 'active', 6],
  ] as const)(
    'as the %s side, an end of its own that is %s comes to a connection that both use, by IPv%s',
    async (role, own, family) => {
      const { agent, credentials } = agentOf(role, LOOPBACK[family]);
      const nice = await startNice(role === 'controlling' ? 'controlled' : 'controlling', LOOPBACK[family]);
      const candidates = (await agent.gather()).filter(only(own));
      const theirs = nice.described.candidates.map((line) => parseCandidate(line.replace(/^a=candidate:/, '')));
      nice.begin({ ...credentials, candidates: candidates.map((one) => `a=candidate:${formatCandidate(one)}`) });
      const counterpart = only(own === 'passive' ? 'active' : 'passive');
      const remotes = theirs.filter((one) => one !== undefined).filter(counterpart);
      agent.begin({ ...nice.described, candidates: remotes });
      expect(await heardOn(await taken(agent))).toBe('hello');
    },
  );
});
