/** One bit of a stored conversation flips: `verify` says no and names the commit. The unit tests flip many. */
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { jsonCli, runCli, temporaryFolder } from '../support/cli/built-program.ts';

interface LooseObject {
  readonly id: string;
  readonly path: string;
  /** Header and content, as git hashes them. */
  readonly bytes: Buffer;
}

function looseObjects(repository: string): LooseObject[] {
  const folder = join(repository, '.git', 'objects');
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((prefix) =>
      readdirSync(join(folder, prefix)).map((rest) => {
        const path = join(folder, prefix, rest);
        return { id: prefix + rest, path, bytes: inflateSync(readFileSync(path)) };
      }),
    );
}

/** Alice's copy of the conversation; its first commits are her own, and loose. */
function copyOfConversation() {
  const folder = temporaryFolder();
  const path = join(folder.path, 'conversation');
  cpSync(join(inject('homes'), 'joined', 'alice', 'conversations', inject('conversation')), path, { recursive: true });
  return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** Flips the lowest bit of the byte where the text ends. */
function flipAfter({ path, bytes }: LooseObject, text: string): void {
  const at = bytes.indexOf(text) + text.length;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  chmodSync(path, 0o600);
  writeFileSync(path, deflateSync(bytes));
}

describe('verify', () => {
  let commits: readonly string[];
  beforeAll(async () => {
    using conversation = copyOfConversation();
    const log = await jsonCli<{ id: string }>(['log', conversation.path, '--merges']);
    commits = log.map(({ id }) => id);
  });

  it.each([
    ['a signature', { of: /^commit /, after: '\nsignature ' }],
    ['a body', { of: /^commit /, after: '"type":"' }],
    ['a parent or tree', { of: /^commit /, after: 'tree ' }],
    ['a tree', { of: /^tree /, after: '100644 ' }],
    ['a certificate', { of: /^blob /, after: '-----BEGIN CERTIFICATE-----\nMII' }],
  ])('names the commit when a bit flips in %s', async (_, { of, after }) => {
    using conversation = copyOfConversation();
    const damaged = looseObjects(conversation.path).find(
      ({ bytes }) => of.test(bytes.toString('latin1', 0, 8)) && bytes.includes(after),
    );
    if (!damaged) throw new TypeError(`no object holds ${after}`);
    flipAfter(damaged, after);

    const [{ code, stdout }, { stdout: told }] = await Promise.all([
      runCli(['verify', conversation.path, '--json']),
      runCli(['verify', conversation.path]),
    ]);
    const { valid, problems } = JSON.parse(stdout) as {
      valid: boolean;
      problems: { commit: string; message: string }[];
    };
    expect({ code, valid }).toEqual({ code: 1, valid: false });
    expect(problems.length).toBeGreaterThan(0);
    const isCommit = commits.includes(damaged.id);
    for (const { commit } of problems) expect(isCommit ? [damaged.id] : commits).toContain(commit);
    expect(told).toContain(problems[0]?.commit);
    expect(told).toContain('not valid');
  });
});
