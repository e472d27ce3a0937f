/** The program on a conversation that real daemons wrote: what it says must be what another implementation recorded. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonCli, runCli } from '../support/cli/built-program.ts';
import { bundleOf, canonicalCommits, dataOf, expected, HOLDERS, treeMembers } from '../support/events/recorded.ts';

interface LogLine {
  id: string;
  parents: string[];
  linearizedParent: string | null;
  author: string;
  device: string;
  timestamp: number;
  type: string;
  body: unknown;
  fileId?: string;
}

interface FileLine {
  interaction: string;
  fileId: string;
  displayName: string;
  totalSize: number;
  sha3sum: string;
  state: string;
  bytes: number;
}

interface TimelineLine {
  id: string;
  body?: string;
  displayName?: string;
  sha3sum?: string;
  replyTo?: string;
  isDeleted: boolean;
  editions?: { id: string }[];
  reactions: { id: string }[];
}

/** What of an entry follows from the recorded bodies alone. */
const shown = ({ id, body, displayName, sha3sum, replyTo, isDeleted, editions, reactions }: TimelineLine) => ({
  ...{ id, body, displayName, sha3sum, replyTo, isDeleted },
  editions: (editions ?? []).map((edition) => edition.id),
  reactions: reactions.map((reaction) => reaction.id),
});

/** Messages, files and events with their edits and reactions, folded from the recorded commits one by one. */
function foldedBodies(): readonly ReturnType<typeof shown>[] {
  const entries = new Map<string, ReturnType<typeof shown>>();
  const current = new Map<string, string>();
  for (const { id, type, body } of canonicalCommits()) {
    const text = (key: string) => (typeof body?.[key] === 'string' ? String(body[key]) : undefined);
    const [edit, reactTo] = [text('edit'), text('react-to')];
    if (type === 'merge') continue;
    if (edit !== undefined) {
      const entry = entries.get(edit);
      for (const other of entries.values()) other.reactions = other.reactions.filter((reaction) => reaction !== edit);
      if (!entry) continue;
      entry.editions.unshift(current.get(edit) ?? edit);
      current.set(edit, id);
      Object.assign(entry, { body: text('body'), isDeleted: text('body') === '' });
    } else if (reactTo !== undefined) entries.get(reactTo)?.reactions.push(id);
    else {
      const isText = type === 'text/plain';
      entries.set(id, {
        ...{ id, body: isText ? text('body') : undefined, displayName: text('displayName'), sha3sum: text('sha3sum') },
        ...{ replyTo: text('reply-to'), isDeleted: false, editions: [], reactions: [] },
      });
    }
  }
  return [...entries.values()];
}

describe.each(HOLDERS)("the recorded conversation as %s's device has it", (holder) => {
  const bundle = bundleOf(holder);
  const { head, commitCount, mergeCount } = expected.holders[holder];

  it('verifies', async () => {
    const [verification] = await jsonCli(['verify', bundle]);
    expect(verification).toEqual({
      conversation: expected.conversationId,
      head,
      mode: 0,
      commits: commitCount,
      merges: mergeCount,
      valid: true,
      problems: [],
    });
  });

  it('lists every commit as recorded, in the order of all replicas', async () => {
    const lines = await jsonCli<LogLine>(['log', bundle, '--merges']);
    expect(lines).toMatchObject(
      canonicalCommits().map(({ id, parents, memberUri, authorDevice, timestamp, type, body }) => {
        return { id, parents, author: memberUri, device: authorDevice, timestamp, type, body };
      }),
    );
  });

  it("lists in the daemon's own order when asked to", async () => {
    const lines = await jsonCli<LogLine>(['log', bundle, '--order', 'jami', '--merges']);
    const listed = expected.daemonLoadedMessages[holder];
    const newestFirst = lines.toReversed();
    const from = newestFirst.findIndex(({ id }) => id === listed.head);
    const told = newestFirst.slice(from).map((line) => ({
      ...{ id: line.id, linearizedParent: line.linearizedParent ?? '', parents: line.parents.join(',') },
      ...{ author: line.author, timestamp: `${line.timestamp}`, type: line.type, fileId: line.fileId },
    }));
    expect(told).toEqual(
      listed.messages.map(({ id, linearizedParent, parents, author, timestamp, type, fileId }) => {
        return { id, linearizedParent, parents, author, timestamp, type, fileId };
      }),
    );
  });

  it('has the members that the recorded tree has, with the devices that wrote', async () => {
    const lines = await jsonCli<{ uri: string; role: string; devices: string[] }>(['members', bundle]);
    expect(Object.fromEntries(lines.map(({ uri, role }) => [uri, role]))).toEqual(treeMembers(holder));
    for (const { uri, devices } of lines) {
      const own = expected.commits.filter(({ memberUri }) => memberUri === uri);
      expect(new Set(devices)).toEqual(new Set(own.map(({ authorDevice }) => authorDevice)));
    }
  });

  it('folds what was said as the recorded bodies say', async () => {
    const lines = await jsonCli<TimelineLine>(['timeline', bundle]);
    expect(lines.map(shown)).toEqual(foldedBodies());
  });

  it('gives each interaction the one before it as its linearized parent', async () => {
    const lines = await jsonCli<LogLine>(['log', bundle]);
    expect(lines).toHaveLength(commitCount - mergeCount);
    expect(lines.map(({ linearizedParent }) => linearizedParent)).toEqual([
      null,
      ...lines.slice(0, -1).map(({ id }) => id),
    ]);
  });

  it('finds the files in the state they were recorded in', async () => {
    const lines = await jsonCli<FileLine>(['files', bundle, '--data', dataOf(holder)]);
    expect(lines).toHaveLength(expected.fileTransfers.length);
    for (const file of expected.fileTransfers) {
      const line = lines.find(({ interaction }) => interaction === file.id);
      expect(line).toMatchObject({
        fileId: file.fileId,
        displayName: file.displayName,
        totalSize: Number(file.totalSize),
        sha3sum: file.sha3sum,
      });
      const isHere = existsSync(join(dataOf(holder), file.fileId));
      const { state } = file.presentOn[holder];
      // Files that were left out of the fixtures for their size are missing here, whatever the holder had.
      if (isHere) expect(line?.state).toBe(state.startsWith('partial:') ? 'corrupt' : state);
      else expect(line?.state).toBe('missing');
    }
  });

  it('would ask for what is missing, and for nothing else', async () => {
    const device = Object.entries(expected.devices).find(([, name]) => name === holder)?.[0] ?? '';
    const files = await jsonCli<FileLine>(['files', bundle, '--data', dataOf(holder)]);
    const requests = await jsonCli<{
      type: string;
      conversation: string;
      interaction: string;
      deviceId: string;
      to: string[];
    }>(['requests', bundle, '--data', dataOf(holder), '--device', device]);
    const lacking = files
      .filter(({ state }) => state !== 'complete' && state !== 'deleted')
      .map(({ interaction }) => interaction);
    expect(requests.map(({ interaction }) => interaction).sort()).toEqual(lacking.sort());
    for (const request of requests) {
      expect(request).toMatchObject({
        type: 'application/data-transfer-request+json',
        conversation: expected.conversationId,
        deviceId: device,
      });
      expect(request.to).not.toContain(device);
      expect(request.to.length).toBeGreaterThan(0);
    }
  });
});

describe('the recorded conversation', () => {
  it('is shown to people as aligned plain lines when there is no terminal', async () => {
    const { code, stdout } = await runCli(['log', bundleOf('alice')]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(52);
    expect(stdout).not.toContain('\u001b');
  });
});
