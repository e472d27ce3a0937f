/**
 * The codec of a commit object. Source: docs/format.md, "Commits".
 *
 * Reading takes whatever git takes and never throws; writing produces the one form the format knows:
 * tree, parents, author, committer, signature, blank line, message without a newline at its end.
 */
import { asCommitId, idFromText } from '../id-bytes.ts';
import type { CommitId, DeviceId, ObjectId } from '../ids.ts';
import { COMMIT_HEADER_BYTES, COMMIT_MESSAGE_BYTES, COMMIT_PARENTS } from '../limits.ts';

export interface Signatory {
  readonly name: string;
  /** What stands between the angle brackets: for the author, the device id. */
  readonly email: string;
  /** Since the Unix epoch. */
  readonly seconds: number;
  /** As written, `+0000` for what we write. */
  readonly offset: string;
}

export interface Author extends Signatory {
  readonly device: DeviceId;
}

export interface Commit {
  readonly id: CommitId;
  readonly tree: ObjectId;
  /** In git's order: for a merge, the merging device's own head first. */
  readonly parents: readonly CommitId[];
  readonly author: Author;
  readonly committer: Signatory;
  /** The raw signature; absent when the header is missing, given twice or no canonical base64. */
  readonly signature: Uint8Array | undefined;
  /** What the signature covers: the object without its signature line. */
  readonly signedBytes: Uint8Array;
  readonly message: string;
  /** The names of the header lines, in order. */
  readonly headers: readonly string[];
}

export type ParsedCommit =
  | { readonly outcome: 'parsed'; readonly commit: Commit }
  | { readonly outcome: 'malformed'; readonly reason: string };

/** What a commit says before it is signed. Author and committer are one. */
export interface CommitDraft {
  readonly tree: ObjectId;
  readonly parents: readonly CommitId[];
  readonly author: { readonly name: string; readonly device: DeviceId; readonly seconds: number };
  readonly message: string;
}

const SIGNATURE = 'signature ';
const ASCII = /^[ -~]*$/;
const DEVICE_ID = /^[0-9a-f]{64}$/;

/** Reads a commit object. The id is the caller's word: objects are checked against their id where they are read. */
export function parseCommit(id: CommitId, bytes: Uint8Array): ParsedCommit {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf('\n\n');
  if (end < 0) return malformed('no blank line ends the headers');
  if (end > COMMIT_HEADER_BYTES) return malformed('the headers are longer than the limit');
  if (buffer.length - end - 2 > COMMIT_MESSAGE_BYTES) return malformed('the message is longer than the limit');
  // latin1 keeps one character per byte, so that positions in the text are positions in the object.
  const lines = buffer.toString('latin1', 0, end).split('\n');
  const links = parseLinks(lines);
  if (typeof links === 'string') return malformed(links);
  const people = parsePeople(lines);
  if (typeof people === 'string') return malformed(people);
  const message = buffer.toString('utf8', end + 2);
  const headers = lines.map((line) => line.slice(0, Math.max(0, line.indexOf(' '))));
  return { outcome: 'parsed', commit: { id, ...links, ...people, ...parseSignature(buffer, lines), message, headers } };
}

/** The bytes to sign. */
export function formatUnsigned({ tree, parents, author, message }: CommitDraft): Uint8Array {
  const signatory = `${author.name} <${author.device}> ${author.seconds} +0000`;
  const headers = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${signatory}`,
    `committer ${signatory}`,
  ];
  return Buffer.from(`${headers.join('\n')}\n\n${message}`);
}

/** Puts the signature where the format wants it: on one line, last of the headers. */
export function insertSignature(unsigned: Uint8Array, signature: Uint8Array): Uint8Array {
  const buffer = Buffer.from(unsigned.buffer, unsigned.byteOffset, unsigned.byteLength);
  const end = buffer.indexOf('\n\n') + 1;
  const line = Buffer.from(`${SIGNATURE}${Buffer.from(signature).toString('base64')}\n`, 'latin1');
  return Buffer.concat([buffer.subarray(0, end), line, buffer.subarray(end)]);
}

/** What reads from the bytes with the signature put in, of a commit that was read without one. */
export function withSignature(unsigned: Commit, { id, signature }: Required<Pick<Commit, 'id' | 'signature'>>): Commit {
  return { ...unsigned, id, signature, headers: [...unsigned.headers, SIGNATURE.trimEnd()] };
}

function malformed(reason: string): ParsedCommit {
  return { outcome: 'malformed', reason };
}

function parseLinks(lines: readonly string[]): string | Pick<Commit, 'tree' | 'parents'> {
  const tree = idFromText(headerValue(lines[0], 'tree'));
  if (tree === undefined) return 'the first line names no tree';
  const parents: CommitId[] = [];
  for (const line of lines.slice(1)) {
    const value = headerValue(line, 'parent');
    if (value === undefined) break;
    const parent = idFromText(value);
    if (parent === undefined) return 'a parent line names no commit';
    parents.push(asCommitId(parent));
    if (parents.length > COMMIT_PARENTS) return 'it has more parents than the limit';
  }
  return { tree, parents };
}

function parsePeople(lines: readonly string[]): string | Pick<Commit, 'author' | 'committer'> {
  const [authorLine, committerLine] = [find(lines, 'author'), find(lines, 'committer')];
  const author = parseSignatory(authorLine);
  if (!author) return 'the author line is missing or has no name, address and time';
  if (!isDeviceId(author.email)) return 'the author is no device id';
  const committer = committerLine === authorLine ? author : parseSignatory(committerLine);
  if (!committer) return 'the committer line is missing or has no name, address and time';
  return { author: { ...author, device: author.email }, committer };
}

/** Not by its schema: threads that read commits would load all of zod for it, which takes longer than a thousand commits. */
function isDeviceId(text: string): text is DeviceId {
  return DEVICE_ID.test(text);
}

function parseSignatory(value: string | undefined): Signatory | undefined {
  const match = /^(.*?) ?<([^<>]*)> (-?[0-9]{1,15}) ([+-][0-9]{4})$/.exec(value ?? '');
  if (!match) return undefined;
  const [, name = '', email = '', seconds = '', offset = ''] = match;
  return { name: utf8(name), email: utf8(email), seconds: Number(seconds), offset };
}

/**
 * Cuts the signature line out. Only canonical base64 counts: the padding of another form would leave bits of the
 * object that nothing protects.
 */
function parseSignature(buffer: Buffer, lines: readonly string[]): Pick<Commit, 'signature' | 'signedBytes'> {
  const at = lines.findIndex((line) => line.startsWith(SIGNATURE));
  const line = lines[at];
  if (line === undefined) return { signature: undefined, signedBytes: buffer };
  const start = lines.slice(0, at).reduce((sum, { length }) => sum + length + 1, 0);
  const signedBytes = Buffer.concat([buffer.subarray(0, start), buffer.subarray(start + line.length + 1)]);
  const text = line.slice(SIGNATURE.length);
  const signature = Buffer.from(text, 'base64');
  const isOnly = !lines.slice(at + 1).some((other) => other.startsWith(SIGNATURE));
  const isWellFormed = isOnly && text !== '' && signature.toString('base64') === text;
  return { signature: isWellFormed ? signature : undefined, signedBytes };
}

function headerValue(line: string | undefined, name: string): string | undefined {
  return line?.startsWith(`${name} `) ? line.slice(name.length + 1) : undefined;
}

function find(lines: readonly string[], name: string): string | undefined {
  return headerValue(
    lines.find((line) => line.startsWith(`${name} `)),
    name,
  );
}

function utf8(latin1: string): string {
  return ASCII.test(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}
