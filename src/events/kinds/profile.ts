/**
 * `application/update-profile`: title, description or picture changed; what changed stands in `profile.vcf`
 * (docs/format.md, "The profile").
 */
import * as z from 'zod';
import type { WireBody } from './wire-body.ts';

export const ProfileUpdated = z.object({ kind: z.literal('profile-updated') });
export type ProfileUpdated = z.infer<typeof ProfileUpdated>;

export function profileFromWire(): ProfileUpdated {
  return { kind: 'profile-updated' };
}

export function profileToWire(): WireBody {
  return { type: 'application/update-profile' };
}
