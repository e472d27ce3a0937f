import { z } from 'zod';
import { shortId } from './human.ts';

/** The phase of a transfer, or of a share in it, with the details that some phases have. */
export const STATE_FIELDS = {
  phase: z.string(),
  where: z.string().optional(),
  by: z.string().optional(),
  device: z.string().optional(),
  failure: z.string().optional(),
};

/** A state as a person reads it. What is not known here is of a newer engine, and is shown as it is called. */
export function stateInWords({ phase, where, by, device, failure }: z.infer<z.ZodObject<typeof STATE_FIELDS>>): string {
  switch (phase) {
    case 'awaiting-acceptance':
      return where === 'here' ? 'waits for your word' : 'waits for their word';
    case 'waiting':
      return device === undefined ? 'waiting' : `waiting for ${shortId(device)}`;
    case 'paused':
    case 'refused':
    case 'cancelled':
      return by === 'peer' ? `${phase} there` : phase;
    case 'failed':
      return failure === undefined ? phase : `failed (${failure})`;
    default:
      return phase;
  }
}
