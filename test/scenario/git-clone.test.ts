/** What serving and cloning over `git://` say when they cannot, and what they leave behind: nothing. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSource } from '../../src/conversation/repository/open-source-adapter.ts';
import { runGitDaemon } from '../../src/conversation/sync/git-daemon-adapter.ts';
import { cloneFrom } from '../../src/engine/commits/clone-from.ts';
import { serveGit } from '../../src/engine/commits/serve-git.ts';
import { nodeClock } from '../../src/engine/node-ports-adapter.ts';
import type { FailureCode } from '../../src/errors.ts';
import { ConversationId } from '../../src/ids.ts';
import { GIT_CONNECTIONS, GIT_CONNECTIONS_PER_ADDRESS } from '../../src/limits.ts';
import { bundleOf, expected } from '../support/events/recorded.ts';
import { temporaryDirectory } from '../support/folders/temporary-directory.ts';
import { freePort } from '../support/git/git-daemon.ts';
import { listening } from '../support/git/hostile-git.ts';
import { git } from '../support/git/stock-git.ts';
import { describeNeeding, ipv6, stockGit } from '../support/runner/needs.ts';
import { thrownBy } from '../support/thrown.ts';

const BUNDLE = bundleOf('bob');

async function served() {
  const server = await serveGit(BUNDLE);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

describe('a clone', () => {
  it('is a whole one, and tells how far it got', async () => {
    const { url, conversation } = await served();
    const directory = join(await temporaryDirectory(), 'made/for/it');
    const phases: string[] = [];
    const cloned = await cloneFrom(url, directory, { onProgress: ({ phase }) => phases.push(phase) });
    expect(cloned).toEqual({ conversation, head: expected.holders.bob.head, commits: 76 });
    expect(new Set(phases)).toEqual(new Set(['receiving', 'judging']));
    expect(await readdir(join(directory, '..'))).toEqual(['it']);
  });

  it('takes the place of an empty folder, and of no other', async () => {
    const { url } = await served();
    const folder = await temporaryDirectory();
    await mkdir(join(folder, 'empty'));
    await cloneFrom(url, join(folder, 'empty'));
    await writeFile(join(folder, 'file'), 'mine');
    await thrownBy('FILE_FAILED', () => cloneFrom(url, join(folder, 'empty')));
    await thrownBy('FILE_FAILED', () => cloneFrom(url, join(folder, 'file')));
    expect([await readdir(folder), await readFile(join(folder, 'file'), 'utf8')]).toEqual([['empty', 'file'], 'mine']);
  });

  it.each<[string, FailureCode, () => Promise<string>]>([
    ['another conversation', 'GIT_REFUSED', async () => (await served()).url.replace(/[0-9a-f]{40}$/, 'a'.repeat(40))],
    ['nobody', 'SERVER_UNREACHABLE', async () => `git://127.0.0.1:${await freePort()}/x`],
    ['who hangs up at once', 'PROTOCOL_BROKEN', () => listening((socket) => socket.end())],
    [
      'who breaks the connection',
      'CHANNEL_CLOSED',
      () => listening((socket) => socket.once('data', () => socket.resetAndDestroy())),
    ],
    [
      'who speaks of something else',
      'MALFORMED',
      () => listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n')),
    ],
    ['an address of another kind', 'USAGE', async () => 'https://127.0.0.1/x'],
    ['an address with a line break in it', 'USAGE', async () => 'git://127.0.0.1/x%0ahost=y'],
  ])('of %s ends in words and leaves nothing', async (_what, code, address) => {
    const folder = await temporaryDirectory();
    const url = await address();
    await thrownBy(code, () => cloneFrom(url, join(folder, 'a/b')));
    expect(await readdir(folder)).toEqual([]);
  });

  it('that is given up leaves nothing', async () => {
    const folder = await temporaryDirectory();
    const giveUp = new AbortController();
    const url = await listening(() => giveUp.abort(new DOMException('enough', 'AbortError')));
    await expect(cloneFrom(url, join(folder, 'copy'), { signal: giveUp.signal })).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual([]);
  });
});

describeNeeding(ipv6, 'serving on every address', () => {
  describeNeeding(stockGit, 'to a stock git', () => {
    it('says where, in words that it takes, and a clone of ours as well', async () => {
      const server = await serveGit(BUNDLE, { host: '::' });
      onTestFinished(() => server[Symbol.asyncDispose]());
      const { port } = new URL(server.url);
      const path = `:${port}/${server.conversation}`;
      expect(server.urls).toEqual(expect.arrayContaining([`git://127.0.0.1${path}`, `git://[::1]${path}`]));
      expect(server.urls.filter((url) => url.includes('[::]'))).toEqual([]);
      const folder = await temporaryDirectory();
      for (const host of ['127.0.0.1', '[::1]'])
        expect((await git(folder, 'ls-remote', `git://${host}${path}`, 'HEAD')).stdout).toContain(server.head);
      const cloned = await cloneFrom(`git://[::1]${path}`, join(folder, 'copy'));
      expect(cloned.head).toBe(server.head);
    });
  });
});

describe('serving', () => {
  it('says which port is taken', async () => {
    const port = Number(new URL((await served()).url).port);
    await thrownBy('LISTEN_FAILED', () => serveGit(BUNDLE, { port }));
  });

  it.each([
    ['in all', GIT_CONNECTIONS, (nth: number) => `127.0.0.${2 + (nth % 8)}`],
    ['from one address', GIT_CONNECTIONS_PER_ADDRESS, () => '127.0.0.1'],
  ])('turns away who is one too many %s, until there is room again', async (_, count, addressOf) => {
    let onServed = () => {};
    const server = await serveGit(BUNDLE, { onServed: () => onServed() });
    onTestFinished(() => server[Symbol.asyncDispose]());
    const { url } = server;
    const port = Number(new URL(url).port);
    const idle = await Promise.all(Array.from({ length: count }, (_, nth) => connected(port, addressOf(nth))));
    const folder = await temporaryDirectory();
    const refused = await thrownBy('GIT_REFUSED', () => cloneFrom(url, join(folder, 'copy')));
    expect(refused.data.detail).toContain('too many connections');
    const gone = new Promise<void>((resolve) => {
      onServed = resolve;
    });
    idle[0]?.end();
    await gone;
    await cloneFrom(url, join(folder, 'copy'));
    expect(existsSync(join(folder, 'copy/.git'))).toBe(true);
  });

  it('answers others while one address has all its connections', async () => {
    const server = await serveGit(BUNDLE);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const port = Number(new URL(server.url).port);
    await Promise.all(Array.from({ length: GIT_CONNECTIONS_PER_ADDRESS }, () => connected(port, '127.0.0.2')));
    const folder = await temporaryDirectory();
    await cloneFrom(server.url, join(folder, 'copy'));
    expect(existsSync(join(folder, 'copy/.git'))).toBe(true);
  });

  it('counts all addresses of one machine as one', async () => {
    const repository = await openSource(BUNDLE);
    onTestFinished(() => repository[Symbol.asyncDispose]());
    const { signal } = new AbortController();
    const conversation = ConversationId.parse(expected.conversationId);
    const daemon = await runGitDaemon(repository, {
      ...{ conversation, host: '127.0.0.1', port: 0, signal, clock: nodeClock },
      callerAt: (address) => address.replace(/[0-9]+$/, ''),
    });
    onTestFinished(() => daemon[Symbol.asyncDispose]());
    const addresses = Array.from({ length: GIT_CONNECTIONS_PER_ADDRESS }, (_, n) => `127.0.0.${n + 2}`);
    await Promise.all(addresses.map((address) => connected(daemon.port, address)));
    const url = `git://127.0.0.1:${daemon.port}/${conversation}`;
    const refused = await thrownBy('GIT_REFUSED', async () => cloneFrom(url, join(await temporaryDirectory(), 'copy')));
    expect(refused.data.detail).toContain('too many connections');
  });

  it('hangs up on everybody when it ends', async () => {
    const server = await serveGit(BUNDLE);
    const socket = await connected(Number(new URL(server.url).port));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await server[Symbol.asyncDispose]();
    await closed;
  });
});

async function connected(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.resume();
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
}
