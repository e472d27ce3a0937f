import * as z from 'zod';
import { ConversationId } from '../../ids.ts';
import type { BanView } from '../conversations/ban-view.ts';
import type { ConversationHandle, Engine } from '../engine.ts';
import type { ControlHandler } from './control-protocol.ts';

/** What the control socket needs of an engine. */
export type ControlledEngine = Pick<
  Engine,
  'status' | 'bandwidth' | 'limitBandwidth' | 'takeRevocations' | 'conversations'
>;

/** One call of the library, as the control socket asks for it. Throws ZodError for parameters that it does not understand. */
export type Method = (
  engine: ControlledEngine,
  params: Readonly<Record<string, unknown>>,
  call: Parameters<ControlHandler>[1],
) => unknown;

/** The parameters of what is about one conversation. */
export const OfConversation = z.strictObject({ conversation: ConversationId });

/** What came of a command that writes, with the ban that keeps it from the others. */
export function written<Result extends object>(
  { heldBan }: Pick<ConversationHandle, 'heldBan'>,
  result: Result,
): Result & { readonly ban?: BanView } {
  const ban = heldBan();
  return ban ? { ...result, ban } : result;
}
