/**
 * The one error type, with closed codes. The table below is the documentation:
 * each code states its data and the sentence a person reads.
 *
 * What peers and users cause in the normal course (a refusal, a missing file) is a value, not an error.
 */
import { errorCodeOf } from './error-code.ts';
import { relayRefusalInWords } from './relay-refusal.ts';

/** Structured data that travels with each code. */
export interface FailureData {
  /** A value that no case of a union covers: a defect of this program. */
  UNREACHABLE: { value: string };
  /** Bytes or text that should have a known form. `what` names the form, `detail` what is wrong. */
  MALFORMED: { what: string; detail: string };
  /** A size, count or depth beyond the named limit of `limits.ts`. */
  LIMIT_EXCEEDED: { what: string; limit: number; actual: number };
  /** A wait that ran into its deadline. */
  TIMED_OUT: { what: string; ms: number };

  /** The path given as a source does not exist. */
  SOURCE_MISSING: { path: string };
  /** The path given as a source is no work tree, git directory, bare repository or bundle. */
  SOURCE_UNREADABLE: { path: string; detail: string };
  /** A git object that is referred to is not there. */
  OBJECT_MISSING: { id: string; path: string };
  /** A git object or pack does not hold what its name says. */
  OBJECT_CORRUPT: { id: string; path: string; detail: string };
  /** A reference moved between reading and writing it, or somebody else holds its lock. */
  REF_CONFLICT: { ref: string; path: string };

  /** A certificate or key file that cannot be used. */
  KEY_UNUSABLE: { path: string; detail: string };
  /** The password does not open the encrypted keys. */
  WRONG_PASSWORD: { path: string };
  /** A file that should hold an exported account does not, or not one that this program can read. */
  EXPORT_UNUSABLE: { path: string; detail: string };
  /** No device of that id is known to belong to this account; `known` are those that do. */
  DEVICE_UNKNOWN: { device: string; known: readonly string[] };
  /** The device belongs to another account. */
  DEVICE_OF_OTHER: { device: string; account: string };
  /** The account has revoked this very device. */
  DEVICE_REVOKED: { device: string };
  /** A certificate chain that does not hold together. */
  CHAIN_INVALID: { detail: string };

  /** The home has no account yet. */
  HOME_EMPTY: { path: string };
  /** The home has an account already. */
  HOME_TAKEN: { path: string };
  /** Another engine runs on the home. */
  HOME_IN_USE: { path: string };
  /** No engine runs on the home. */
  ENGINE_NOT_RUNNING: { path: string };
  /** The home was written by a newer program. */
  HOME_TOO_NEW: { path: string; version: number; known: number };
  /** A file of the home (journal, state) cannot be read. */
  STORE_CORRUPT: { path: string; detail: string };
  /** The disk is full. Nothing that was there is lost. */
  DISK_FULL: { path: string };
  /** Less of the disk is free than the policy keeps free, so nothing is taken in. Bytes. */
  DISK_RESERVED: { free: number; reserve: number };
  /** Reading or writing a file failed for another reason. */
  FILE_FAILED: { path: string; detail: string };
  /** A worker thread ended before its work was done. */
  WORKER_FAILED: { worker: string; detail: string };

  /** No such conversation in this home. */
  CONVERSATION_UNKNOWN: { conversation: string };
  /** No invitation to the conversation has arrived (yet). */
  NOT_INVITED: { conversation: string };
  /** The conversation's history was refused. */
  HISTORY_REFUSED: { conversation: string; head: string; commit: string; rule: string; detail: string; path?: string };
  /** What was asked is not allowed in the conversation's present state. */
  REFUSED: { reason: string; detail: string };
  /** No such interaction in the conversation, or not of the kind asked for. */
  INTERACTION_UNKNOWN: { conversation: string; interaction: string };
  /** No such member, or device of one, in the conversation. */
  MEMBER_UNKNOWN: { conversation: string; member: string };
  /** A name, or the first digits of an id, that several files, messages or members have in common. */
  AMBIGUOUS: { conversation: string; word: string; count: number; example: string };

  /** The device was not found, neither in the DHT nor on a link. */
  DEVICE_NOT_FOUND: { device: string };
  /** Every path to the device failed. `tried` says each with its reason. */
  DEVICE_UNREACHABLE: { device: string; tried: string };
  /** The peer proved to be another device or account than was dialled, or proved nothing. */
  PEER_REJECTED: { detail: string };
  /** The other side does not want the channel. */
  CHANNEL_DECLINED: { channel: string; reason: string };
  /** The channel, or its link, is closed. */
  CHANNEL_CLOSED: { channel: string; reason: string };
  /** A git server does not give what it was asked for; `detail` are its own words, quoted. */
  GIT_REFUSED: { detail: string };
  /** Nobody answers at an address that a person gave. */
  SERVER_UNREACHABLE: { address: string; detail: string };
  /** The peer broke the rules of a protocol. */
  PROTOCOL_BROKEN: { protocol: string; detail: string };
  /** A relay answered a request with an error. `status` is that of STUN, 300 to 699. */
  RELAY_REFUSED: { request: string; status: number; detail: string };
  /** A relay cannot be reached, or is gone. */
  RELAY_LOST: { detail: string };
  /** A router does not open a port by that protocol. */
  ROUTER_REFUSED: { protocol: string; detail: string };
  /** No DHT node answered at the bootstrap address. */
  BOOTSTRAP_UNREACHABLE: { bootstrap: string };
  /** A port or socket could not be bound. */
  LISTEN_FAILED: { address: string; detail: string };

  /** The command line or a call was given something it cannot use. */
  USAGE: { detail: string };
  /** The user or the owner ended it. */
  CANCELLED: { what: string };
}

export type FailureCode = keyof FailureData;

const SENTENCES: { readonly [Code in FailureCode]: (data: FailureData[Code]) => string } = {
  UNREACHABLE: ({ value }) => `Unexpected value ${value}. This is a defect of swarmlog; please report it.`,
  MALFORMED: ({ what, detail }) => `Malformed ${what}: ${detail}.`,
  LIMIT_EXCEEDED: ({ what, limit, actual }) => `${what} is ${actual}, more than the limit of ${limit}.`,
  TIMED_OUT: ({ what, ms }) => `${what} did not finish within ${ms / 1000} s.`,
  SOURCE_MISSING: ({ path }) =>
    `There is nothing at ${path}. Give a work tree, a git directory, a bare repository or a .bundle file.`,
  SOURCE_UNREADABLE: ({ path, detail }) => `${path} cannot be read as a conversation: ${detail}.`,
  OBJECT_MISSING: ({ id, path }) =>
    `Object ${id} is missing from ${path}; the repository is incomplete. Fetch it again from another device.`,
  OBJECT_CORRUPT: ({ id, path, detail }) => `Object ${id} in ${path} is damaged: ${detail}.`,
  REF_CONFLICT: ({ ref, path }) => `${ref} in ${path} is being changed by somebody else. Try again.`,
  KEY_UNUSABLE: ({ path, detail }) =>
    `${path} cannot be used: ${detail}. Restore it from a backup, or make a new account with "swarmlog init".`,
  WRONG_PASSWORD: ({ path }) => `The password does not open ${path}.`,
  EXPORT_UNUSABLE: ({ path, detail }) => `${path} cannot be imported: ${detail}.`,
  DEVICE_UNKNOWN: ({ device, known }) =>
    `No device of this account that is known here has the id ${device}; yours are ${known.join(', ')}. A home knows those that were linked to it, and those that have committed to one of its conversations. One that was never seen here is revoked by its whole id and --unseen.`,
  DEVICE_OF_OTHER: ({ device, account }) =>
    `Device ${device} belongs to another account, ${account}: only that one can revoke it. "swarmlog ban" keeps it out of a conversation.`,
  DEVICE_REVOKED: ({ device }) =>
    `This device (${device}) was revoked by its account and can no longer take part. Its home can still be read; to go on, import the account into a new home.`,
  CHAIN_INVALID: ({ detail }) => `The certificate chain does not hold: ${detail}.`,
  HOME_EMPTY: ({ path }) => `${path} holds no account. Make one with "swarmlog init --home ${path} --name NAME".`,
  HOME_TAKEN: ({ path }) => `${path} holds an account already. Choose another folder.`,
  HOME_IN_USE: ({ path }) => `Another engine is running on ${path}. Stop it first, or use another home.`,
  ENGINE_NOT_RUNNING: ({ path }) =>
    `No engine is running on ${path}. Start one with "swarmlog up --home ${path} --bootstrap HOST:PORT".`,
  HOME_TOO_NEW: ({ path, version, known }) =>
    `${path} was written by a newer swarmlog (home version ${version}, this program knows ${known}). Update swarmlog.`,
  STORE_CORRUPT: ({ path, detail }) => `${path} is damaged: ${detail}.`,
  DISK_FULL: ({ path }) =>
    `The disk is full; writing ${path} stopped. What was there is untouched. Free some space and try again.`,
  DISK_RESERVED: ({ free, reserve }) =>
    `The disk has ${free} bytes left and ${reserve} are kept free, so nothing is fetched. Free some space, or lower the reserve in the policy.`,
  FILE_FAILED: ({ path, detail }) => `${path}: ${detail}.`,
  WORKER_FAILED: ({ worker, detail }) => `The ${worker} thread ended too early: ${detail}. Try again.`,
  CONVERSATION_UNKNOWN: ({ conversation }) =>
    `There is no conversation ${conversation} here. "swarmlog conversations" lists those there are.`,
  NOT_INVITED: ({ conversation }) =>
    `No invitation to ${conversation} has arrived yet. Ask a member to invite you and stay online, then try again.`,
  HISTORY_REFUSED: ({ conversation, commit, rule, detail }) =>
    `The history of ${conversation} was refused: commit ${commit} breaks rule ${rule} (${detail}).`,
  REFUSED: ({ reason, detail }) => `Not allowed (${reason}): ${detail}.`,
  INTERACTION_UNKNOWN: ({ conversation, interaction }) =>
    `There is no file or message "${interaction}" in ${conversation}. A file goes by its whole name, either by its id or the first digits of that.`,
  MEMBER_UNKNOWN: ({ conversation, member }) =>
    `There is no member or device ${member} in ${conversation}; see "swarmlog members".`,
  AMBIGUOUS: ({ word, count, example }) =>
    `${word} may be any of ${count}. Give an id, or more of its digits, such as ${example}.`,
  DEVICE_NOT_FOUND: ({ device }) => `Device ${device} is not online, or not known to this DHT.`,
  DEVICE_UNREACHABLE: ({ device, tried }) => `Device ${device} was found but cannot be reached (${tried}).`,
  PEER_REJECTED: ({ detail }) => `The other device was turned away: ${detail}.`,
  CHANNEL_DECLINED: ({ channel, reason }) => `The other device declined ${channel}: ${reason}.`,
  CHANNEL_CLOSED: ({ channel, reason }) => `${channel} was closed: ${reason}. Try again.`,
  GIT_REFUSED: ({ detail }) => `The other side does not serve that: it says ${detail}.`,
  SERVER_UNREACHABLE: ({ address, detail }) =>
    `${address} cannot be reached: ${detail}. Check the address, and that a server is running there.`,
  PROTOCOL_BROKEN: ({ protocol, detail }) => `The other device broke the ${protocol} protocol: ${detail}.`,
  RELAY_REFUSED: ({ request, status, detail }) =>
    `The relay refused to ${request} (${status} ${detail.trim()}): ${relayRefusalInWords(status)}.`,
  RELAY_LOST: ({ detail }) => `The relay cannot be reached: ${detail}.`,
  ROUTER_REFUSED: ({ protocol, detail }) => `The router does not open a port by ${protocol}: ${detail}.`,
  BOOTSTRAP_UNREACHABLE: ({ bootstrap }) =>
    `No DHT node answers at ${bootstrap}. Start one with "swarmlog dht", or check the address.`,
  LISTEN_FAILED: ({ address, detail }) => `Cannot listen on ${address}: ${detail}.`,
  USAGE: ({ detail }) => detail,
  CANCELLED: ({ what }) => `${what} was cancelled.`,
};

/** What failed, as a code with data, a sentence for people, and the cause where there is one. */
export class SyncError<Code extends FailureCode = FailureCode> extends Error {
  readonly code: Code;
  readonly data: FailureData[Code];

  constructor(code: Code, data: FailureData[Code], options?: { cause?: unknown }) {
    super(SENTENCES[code](data), options);
    this.name = 'SyncError';
    this.code = code;
    this.data = data;
  }

  toJSON(): { code: Code; message: string; data: FailureData[Code] } {
    return { code: this.code, message: this.message, data: this.data };
  }
}

/** Tests the shape, not the class, so that it holds across two copies of the package. */
export function isSyncError<Code extends FailureCode>(error: unknown, code: Code): error is SyncError<Code>;
export function isSyncError(error: unknown): error is SyncError;
export function isSyncError(error: unknown, code?: FailureCode): boolean {
  if (!(error instanceof Error) || error.name !== 'SyncError') return false;
  return code === undefined || (error as SyncError).code === code;
}

/** The sentence of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same without its full stop, to stand within another sentence. */
export function clauseOf(error: unknown): string {
  return messageOf(error).replace(/\.+$/, '');
}

/** What the file system's commonest codes mean, in words; others keep the words of the system. */
const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not open it; change its permissions or use another path',
  EPERM: 'this user may not change it; change its permissions or use another path',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EROFS: 'its file system is read-only; mount it so that it can be written, or use another path',
  EMFILE: 'too many files are open; raise the limit (ulimit -n) or close other programs',
  ENAMETOOLONG: 'the path is too long',
};

/** Turns a file system failure into one of ours: a full disk is its own code. */
export function fileFailure(path: string, error: unknown): SyncError {
  if (isSyncError(error)) return error;
  const code = errorCodeOf(error) ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return new SyncError('DISK_FULL', { path }, { cause: error });
  const detail = FILE_TROUBLE[code] ?? messageOf(error);
  return new SyncError('FILE_FAILED', { path, detail }, { cause: error });
}
