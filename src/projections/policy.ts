import { extensionOf } from '../events/file-id.ts';
import { AUTO_ACCEPT_PICTURE_BYTES } from '../limits.ts';
import type { FileRecord } from './file-record.ts';
import type { FileAnnouncement } from './files.ts';

/** What is fetched without asking the user. */
export interface Policy {
  readonly auto: 'nothing' | 'pictures' | 'all';
  /** Bytes; `AUTO_ACCEPT_PICTURE_BYTES` unless given. */
  readonly pictureBytes?: number;
}

export const DEFAULT_POLICY: Policy = { auto: 'pictures' };

/** What each rule says, for people. The first that applies decides, in this order. */
export const POLICY_RULES = {
  cancelled: 'you cancelled it',
  accepted: 'you asked for it',
  'lost-here': 'it was here, at least in part, and is to be whole again',
  'auto-all': 'everything is fetched',
  'auto-nothing': 'nothing is fetched without you asking for it',
  'not-a-picture': 'only pictures are fetched without you asking for it',
  'picture-too-big': 'the picture is too big to be fetched without you asking for it',
  'small-picture': 'pictures of this size are fetched',
} as const;

export type PolicyRule = keyof typeof POLICY_RULES;

export interface Ruling {
  readonly fetch: boolean;
  readonly rule: PolicyRule;
}

/** Whether a file that is missing here is to be fetched, and which rule decided. */
export function rule(policy: Policy, file: FileAnnouncement, record: FileRecord | undefined): Ruling {
  if (record?.wish === 'cancelled') return { fetch: false, rule: 'cancelled' };
  if (record?.wish === 'accepted') return { fetch: true, rule: 'accepted' };
  if (record && wasHere(record)) return { fetch: true, rule: 'lost-here' };
  if (policy.auto === 'all') return { fetch: true, rule: 'auto-all' };
  if (policy.auto === 'nothing') return { fetch: false, rule: 'auto-nothing' };
  if (!isPicture(file.displayName)) return { fetch: false, rule: 'not-a-picture' };
  const isSmall = file.totalSize <= (policy.pictureBytes ?? AUTO_ACCEPT_PICTURE_BYTES);
  return isSmall ? { fetch: true, rule: 'small-picture' } : { fetch: false, rule: 'picture-too-big' };
}

/** Somebody wanted these bytes once: the file was complete here, or a part or a damaged copy of it is. */
function wasHere({ wasVerified, presence }: FileRecord): boolean {
  return wasVerified || (presence.kind === 'lacking' && presence.state !== 'missing');
}

/** By name only: nothing of the content is known before it is fetched. SVG can carry scripts and is none. */
const PICTURE_EXTENSIONS: ReadonlySet<string> = new Set(['avif', 'bmp', 'gif', 'heic', 'jpeg', 'jpg', 'png', 'webp']);

function isPicture(displayName: string): boolean {
  return PICTURE_EXTENSIONS.has(extensionOf(displayName)?.toLowerCase() ?? '');
}
