/** `initial`: the first commit, whose id names the conversation (docs/format.md, "Commit messages"). */
import * as z from 'zod';
import { AccountUri, ConversationId } from '../../ids.ts';
import { type WireBody, wireText } from './wire-body.ts';

/** Who may invite. The place is the number that stands in the commit (docs/format.md, "Modes"). */
export const MODES = ['one-to-one', 'admin-invites-only', 'invites-only', 'public', 'document'] as const;
export const Mode = z.enum(MODES);
export type Mode = z.infer<typeof Mode>;

export const ConversationCreated = z.object({
  kind: z.literal('conversation-created'),
  mode: Mode,
  /** The other member of a one-to-one conversation. */
  invited: AccountUri.optional(),
  /** A document's conversation and type. */
  parent: ConversationId.optional(),
  mimeType: z.string().min(1).optional(),
});
export type ConversationCreated = z.infer<typeof ConversationCreated>;

const Wire = z.object({
  type: z.literal('initial'),
  mode: z
    .number()
    .int()
    .min(0)
    .max(MODES.length - 1),
  invited: AccountUri.optional(),
  parent: ConversationId.optional(),
  mimeType: wireText,
});

export function conversationCreatedFromWire(body: WireBody): ConversationCreated {
  const { mode, invited, parent, mimeType } = Wire.parse(body);
  return {
    kind: 'conversation-created',
    mode: Mode.parse(MODES[mode]),
    ...(invited && { invited }),
    ...(parent && { parent }),
    ...(mimeType && { mimeType }),
  };
}

export function conversationCreatedToWire({ mode, invited, parent, mimeType }: ConversationCreated): WireBody {
  return {
    type: 'initial',
    mode: MODES.indexOf(mode),
    ...(invited && { invited }),
    ...(parent && { parent }),
    ...(mimeType && { mimeType }),
  };
}
