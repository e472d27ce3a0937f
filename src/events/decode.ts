import * as z from 'zod';
import { CommitId } from '../ids.ts';
import { COMMIT_MESSAGE_DEPTH } from '../limits.ts';
import type { ConversationEvent } from './conversation-event.ts';
import { callFromWire } from './kinds/call.ts';
import { conversationCreatedFromWire } from './kinds/conversation-created.ts';
import { checkpointFromWire, documentFromWire } from './kinds/document.ts';
import { FILE_TYPE, fileFromWire } from './kinds/file.ts';
import { memberFromWire, voteFromWire } from './kinds/membership.ts';
import { messageFromWire } from './kinds/message.ts';
import { profileFromWire } from './kinds/profile.ts';
import { WireBody } from './kinds/wire-body.ts';
import { parseTolerantJson } from './tolerant-json.ts';

/**
 * What a commit's text turned out to hold. Newer writers may use types we do not know yet: those survive as they are.
 * A merge joins heads and carries no event. Source: docs/format.md, "Commit messages".
 */
export type Decoded =
  | { readonly outcome: 'known'; readonly type: string; readonly raw: WireBody; readonly event: ConversationEvent }
  | { readonly outcome: 'unknown'; readonly type: string; readonly raw: WireBody }
  | { readonly outcome: 'merge'; readonly type: 'merge'; readonly merged?: CommitId }
  | { readonly outcome: 'malformed'; readonly type: string; readonly raw?: WireBody; readonly reason: string };

const DECODERS: Readonly<Record<string, (body: WireBody) => ConversationEvent>> = {
  initial: conversationCreatedFromWire,
  member: memberFromWire,
  vote: voteFromWire,
  'text/plain': messageFromWire,
  'application/edited-message': messageFromWire,
  [FILE_TYPE]: fileFromWire,
  'application/call-history+json': callFromWire,
  'application/update-profile': profileFromWire,
  'application/collab-doc+json': documentFromWire,
  'application/checkpoint': checkpointFromWire,
};

/** Reads a commit's text. Never throws: what cannot be read is reported as malformed, with the reason. */
export function decode(message: string): Decoded {
  if (message.startsWith('Merge commit')) return decodeMerge(message);
  let json: unknown;
  try {
    json = parseTolerantJson(message);
  } catch {
    return { outcome: 'malformed', type: '', reason: 'the text is no JSON' };
  }
  if (!isWithinDepth(json, COMMIT_MESSAGE_DEPTH))
    return { outcome: 'malformed', type: '', reason: 'the text is nested too deeply' };
  const body = WireBody.safeParse(json);
  if (!body.success) return { outcome: 'malformed', type: '', reason: 'the text is no JSON object' };
  return decodeBody(body.data);
}

/** What passes can be walked and printed again without running out of stack. */
function isWithinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isWithinDepth(member, levels - 1));
}

function decodeBody(raw: WireBody): Decoded {
  const type = raw['type'];
  if (typeof type !== 'string' || type === '')
    return { outcome: 'malformed', type: '', raw, reason: 'the type is missing' };
  const decoder = Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined;
  if (!decoder) return { outcome: 'unknown', type, raw };
  try {
    return { outcome: 'known', type, raw, event: decoder(raw) };
  } catch (error) {
    if (error instanceof z.ZodError) return { outcome: 'malformed', type, raw, reason: reasonOf(error) };
    throw error;
  }
}

function decodeMerge(message: string): Decoded {
  const named = CommitId.safeParse(/^Merge commit '([0-9a-f]{40})'/.exec(message)?.[1]);
  return { outcome: 'merge', type: 'merge', ...(named.success && { merged: named.data }) };
}

function reasonOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
}
