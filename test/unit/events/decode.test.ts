import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/events/decode.ts';
import { encode, encodeMerge } from '../../../src/events/encode.ts';
import { CommitId } from '../../../src/ids.ts';
import { COMMIT_MESSAGE_BYTES, COMMIT_MESSAGE_DEPTH } from '../../../src/limits.ts';

const ID = CommitId.parse('b9ddb95618ce1fc921efd2e6a10a944b63780f1d');
const URI = '1b6b151964cda2b39b8372864a0475015fa60422';
const DEVICE = '0c57e5cb8fc9055ff85f754117c4b82475537a7a01bbbdd77a202c113efd20e0';
const SHA3 = 'b1'.repeat(64);

describe('forms of other times and writers', () => {
  it.each([
    ['an older edit', { type: 'application/edited-message', body: 'x', edit: ID }, 'message-edited'],
    ['an older deletion', { type: 'application/edited-message', body: '', edit: ID }, 'message-deleted'],
    ['a deletion without a body', { type: 'text/plain', edit: ID }, 'message-deleted'],
    ['a message without a body', { type: 'text/plain' }, 'message-sent'],
    ['references that are empty', { type: 'text/plain', body: 'x', 'reply-to': '', edit: '' }, 'message-sent'],
    ['a reaction that replies as well', { type: 'text/plain', 'react-to': ID, 'reply-to': ID }, 'reaction-added'],
    ['keys of later times', { type: 'text/plain', body: 'x', colour: 'blue' }, 'message-sent'],
    ['a file with a number as its size', { ...fileBody(), totalSize: 4096 }, 'file-announced'],
    ['a file without a name', fileBody({ displayName: undefined }), 'file-announced'],
    ['a file that is deleted', { ...fileBody(), edit: ID, tid: '' }, 'file-deleted'],
    ['a call with a number as its duration', { ...callBody(), duration: 61_000 }, 'call-ended'],
    ['a call without a conference', { ...callBody(), confId: '' }, 'call-ended'],
    ['a group call', { ...callBody(), confId: '7', device: DEVICE, uri: URI }, 'group-call-ended'],
    ['a conversation of one with oneself', { type: 'initial', mode: 0, invited: URI }, 'conversation-created'],
    ['a document', { type: 'initial', mode: 4, parent: ID, mimeType: 'text/html' }, 'conversation-created'],
    ['the ban of a device', { type: 'member', action: 'ban', uri: DEVICE }, 'member-banned'],
    ['a profile that says what it changed', { type: 'application/update-profile', title: 'x' }, 'profile-updated'],
  ])('include %s', (_, body, kind) => {
    expect(decode(JSON.stringify(body))).toMatchObject({ outcome: 'known', event: { kind } });
  });

  it.each([
    ['letters that are not escaped', '{"body":"h\u00e9 \u{1f44b}","type":"text/plain"}', 'h\u00e9 \u{1f44b}'],
    ['white space and a last line end', ' { "type" : "text/plain" ,\n"body" : "x" }\n', 'x'],
    ['a key that is given twice', '{"body":"x","body":"y","type":"text/plain"}', 'y'],
    ['comments', '// hi\n{"body":"x // y /* z */",/* , */"type":"text/plain"}', 'x // y /* z */'],
    ['a comma too many', '{"body":"x","type":"text/plain","edit":"" , }', 'x'],
    ['text after the value', '{"body":"x}","type":"text/plain"} and {more', 'x}'],
    ['raw control characters', '{"body":"x\n\ty","type":"text/plain"}', 'x\n\ty'],
  ])('include %s', (_, text, body) => {
    expect(decode(text)).toMatchObject({ outcome: 'known', event: { kind: 'message-sent', body } });
  });

  it('lead to the form of today when they are written again', () => {
    const older = decode(`{"body":"x","edit":"${ID}","type":"application/edited-message"}`);
    expect(older.outcome === 'known' && encode(older.event)).toBe(`{"body":"x","edit":"${ID}","type":"text/plain"}`);
  });

  it('number the modes', () => {
    const modes = [0, 1, 2, 3, 4].map((mode) => decode(JSON.stringify({ type: 'initial', mode })));
    expect(modes.map((decoded) => decoded.outcome === 'known' && decoded.event)).toMatchObject([
      { mode: 'one-to-one' },
      { mode: 'admin-invites-only' },
      { mode: 'invites-only' },
      { mode: 'public' },
      { mode: 'document' },
    ]);
  });
});

describe('a merge', () => {
  it('names the head that was merged', () => {
    expect(decode(encodeMerge(ID))).toEqual({ outcome: 'merge', type: 'merge', merged: ID });
  });

  it('is whatever begins like one', () => {
    for (const text of ['Merge commit', "Merge commit 'main'", `Merge commit '${ID.toUpperCase()}'`])
      expect(decode(text)).toEqual({ outcome: 'merge', type: 'merge' });
  });
});

describe('an unknown type', () => {
  it('survives as it is', () => {
    const body = { type: 'text/markdown', body: '# x', nested: { deep: [1, null] } };
    expect(decode(JSON.stringify(body))).toEqual({ outcome: 'unknown', type: 'text/markdown', raw: body });
  });

  it('is unknown even when an object has a property of that name', () => {
    for (const type of ['toString', '__proto__', 'constructor', 'merge'])
      expect(decode(JSON.stringify({ type }))).toMatchObject({ outcome: 'unknown', type });
  });
});

describe('a malformed body', () => {
  it.each([
    ['', 'the text is no JSON'],
    ['hello', 'the text is no JSON'],
    ['{"type":"text/plain"', 'the text is no JSON'],
    ['{"type":"text/plain}', 'the text is no JSON'],
    ['[]', 'the text is no JSON object'],
    ['null', 'the text is no JSON object'],
    ['"Merge commit"', 'the text is no JSON object'],
    ['{}', 'the type is missing'],
    ['{"type":""}', 'the type is missing'],
    ['{"type":7}', 'the type is missing'],
  ])('is reported: %j', (text, reason) => {
    expect(decode(text)).toMatchObject({ outcome: 'malformed', type: '', reason });
  });

  it('is one that is nested too deeply to be printed again', () => {
    const nested = (depth: number) => `{"type":"x","a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(decode(nested(COMMIT_MESSAGE_DEPTH - 1)).outcome).toBe('unknown');
    for (const depth of [COMMIT_MESSAGE_DEPTH, 100_000])
      expect(decode(nested(depth))).toMatchObject({ outcome: 'malformed', reason: 'the text is nested too deeply' });
  });

  it.each([
    ['mode', { type: 'initial', mode: '0' }],
    ['mode', { type: 'initial', mode: 5 }],
    ['mode', { type: 'initial' }],
    ['invited', { type: 'initial', mode: 0, invited: 'bob' }],
    ['action', { type: 'member', action: 'promote', uri: URI }],
    ['uri', { type: 'member', action: 'join', uri: DEVICE }],
    ['uri', { type: 'vote' }],
    ['edit', { type: 'text/plain', body: 'x', edit: 'yesterday' }],
    ['edit', { type: 'application/edited-message', body: 'x' }],
    ['body', { type: 'text/plain', body: 7 }],
    ['sha3sum', fileBody({ sha3sum: SHA3.toUpperCase() })],
    ['tid', fileBody({ tid: '../1' })],
    ['totalSize', fileBody({ totalSize: '-1' })],
    ['totalSize', fileBody({ totalSize: '9007199254740993' })],
    ['displayName', fileBody({ displayName: 'x.a/b' })],
    ['displayName', fileBody({ displayName: 'x.\u0000' })],
    ['duration', { ...callBody(), duration: 'long' }],
    ['device', { ...callBody(), confId: '7', device: 'mine', uri: URI }],
    ['uri', { type: 'application/collab-doc+json', displayName: 'x' }],
  ])('names the field: %s', (field, body) => {
    const decoded = decode(JSON.stringify(body));
    expect(decoded).toMatchObject({ outcome: 'malformed', type: body.type, raw: JSON.parse(JSON.stringify(body)) });
    expect(decoded.outcome === 'malformed' && decoded.reason).toContain(field);
  });
});

describe('chunks of a file', () => {
  const good = { totalSize: '3000000', chunkSize: '1048576', chunkRoot: 'c4'.repeat(32) };
  const chunksOf = (change: object) => {
    const decoded = decode(JSON.stringify(fileBody({ ...good, ...change })));
    expect(decoded).toMatchObject({ outcome: 'known', event: { kind: 'file-announced' } });
    return decoded.outcome === 'known' && decoded.event.kind === 'file-announced' ? decoded.event.chunks : undefined;
  };

  it('are read with their size and their root', () => {
    expect(chunksOf({})).toEqual({ size: 1_048_576, root: good.chunkRoot });
  });

  it.each([
    ['a size that is a number', { chunkSize: 1_048_576 }],
    ['a size that is no power of two', { chunkSize: '1000000' }],
    ['a size below the smallest', { chunkSize: '32768' }],
    ['a size above the largest', { chunkSize: '2147483648' }],
    ['a size with a sign', { chunkSize: '+1048576' }],
    ['too many of them', { totalSize: '1099511627776', chunkSize: '65536' }],
    ['none in an empty file', { totalSize: '0' }],
    ['a root of another length', { chunkRoot: 'c4'.repeat(20) }],
    ['no root', { chunkRoot: undefined }],
    ['no size', { chunkSize: undefined }],
  ])('are ignored, and the file is not: %s', (_, change) => {
    expect(chunksOf(change)).toBeUndefined();
  });
});

describe('no text makes decoding throw', () => {
  const keys = ['type', 'body', 'edit', 'reply-to', 'react-to', 'mode', 'invited', 'action', 'uri', 'tid', 'totalSize'];
  const types = ['initial', 'member', 'vote', 'text/plain', 'application/edited-message', 'application/checkpoint']
    .concat(['application/data-transfer+json', 'application/call-history+json', 'application/update-profile'])
    .concat(['application/collab-doc+json', 'x']);
  const values = fc.oneof(fc.jsonValue(), fc.constantFrom(ID, URI, DEVICE, SHA3, '', 0, 1));

  it('any characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expectReported(text)));
  });

  it('any JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => expectReported(text)));
  });

  it('any object of a known type', () => {
    const body = fc.dictionary(fc.constantFrom(...keys, 'displayName', 'sha3sum', 'confId', 'device', 'to'), values);
    fc.assert(
      fc.property(fc.constantFrom(...types), body, (type, rest) => expectReported(JSON.stringify({ ...rest, type }))),
      { numRuns: 1000 },
    );
  });

  it('any pieces of JSON in any order', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '/', '/*', '*/', '//', '\n', '"type"', '1');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => expectReported(`{${parts.join('')}`)),
      { numRuns: 2000 },
    );
  });

  it('the longest text that is taken in, whatever it repeats, before the test times out', () => {
    for (const piece of ['[', '{"a":', '"\\"', '/* ', '// x\n', ',', ' ]', '"', '{}', '[,'])
      expectReported(`{${piece.repeat(COMMIT_MESSAGE_BYTES / piece.length)}`);
  });
});

function expectReported(text: string): void {
  expect(['known', 'unknown', 'merge', 'malformed']).toContain(decode(text).outcome);
}

function fileBody(change: object = {}) {
  const body = { type: 'application/data-transfer+json', displayName: 'a.png', sha3sum: SHA3, tid: '12' };
  return { ...body, totalSize: '4096', ...change };
}

function callBody() {
  return { type: 'application/call-history+json', to: URI, duration: '61000' };
}
