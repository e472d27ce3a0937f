/** `application/call-history+json`: a call that ended, or one that a group can join (docs/format.md, "Commit messages"). */
import * as z from 'zod';
import { AccountUri, DeviceId } from '../../ids.ts';
import { never } from '../../never.ts';
import { type WireBody, wireCount, wireText } from './wire-body.ts';

const CALL_TYPE = 'application/call-history+json';

/** A call between two: written by the caller at its end. `duration` in milliseconds. */
export const CallEnded = z.object({
  kind: z.literal('call-ended'),
  to: z.string(),
  duration: z.number().int().nonnegative(),
  reason: z.string().min(1).optional(),
});
const groupCall = { confId: z.string().min(1), device: DeviceId, uri: AccountUri };
export const GroupCallStarted = z.object({ kind: z.literal('group-call-started'), ...groupCall });
export const GroupCallEnded = z.object({
  kind: z.literal('group-call-ended'),
  ...groupCall,
  duration: z.number().int().nonnegative(),
});

export const CallEvent = z.discriminatedUnion('kind', [CallEnded, GroupCallStarted, GroupCallEnded]);
export type CallEvent = z.infer<typeof CallEvent>;

const EndedWire = z.object({ to: z.string().default(''), duration: wireCount, reason: wireText });
const GroupWire = z.object({ ...groupCall, duration: wireCount.optional() });

export function callFromWire(body: WireBody): CallEvent {
  if (body['confId'] === undefined || body['confId'] === '') {
    const { to, duration, reason } = EndedWire.parse(body);
    return { kind: 'call-ended', to, duration, ...(reason && { reason }) };
  }
  const { duration, ...call } = GroupWire.parse(body);
  return duration === undefined
    ? { kind: 'group-call-started', ...call }
    : { kind: 'group-call-ended', ...call, duration };
}

export function callToWire(event: CallEvent): WireBody {
  const type = CALL_TYPE;
  switch (event.kind) {
    case 'call-ended': {
      const { to, duration, reason } = event;
      return { type, ...(to && { to }), duration: String(duration), ...(reason && { reason }) };
    }
    case 'group-call-started': {
      const { confId, device, uri } = event;
      return { type, confId, device, uri };
    }
    case 'group-call-ended': {
      const { confId, device, uri, duration } = event;
      return { type, confId, device, uri, duration: String(duration) };
    }
    default:
      return never(event);
  }
}
