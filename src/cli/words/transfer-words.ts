import * as z from 'zod';
import { humanSpan } from '../../human-span.ts';
import { humanBytes, shortId } from './human.ts';

/** The phase of a transfer, or of a share in it, with the details that some phases have. */
export const STATE_FIELDS = {
  phase: z.string(),
  where: z.string().optional(),
  by: z.string().optional(),
  device: z.string().optional(),
  at: z.number().optional(),
  failure: z.string().optional(),
};

type State = z.infer<z.ZodObject<typeof STATE_FIELDS>>;

/** A state as a person reads it, `now` in milliseconds. What is not known here is of a newer engine, and is shown as it is called. */
export function stateInWords(state: State, now: number): string {
  const { phase, where, by, device, failure } = state;
  switch (phase) {
    case 'awaiting-acceptance':
      return where === 'here' ? 'waits for your word' : 'waits for their word';
    case 'waiting':
      return device === undefined ? 'waiting' : `waiting for ${shortId(device)}`;
    case 'paused':
    case 'refused':
    case 'cancelled':
      return by === 'peer' ? `${phase} there${whoAndWhen(state, now)}` : phase;
    case 'failed':
      return failure === undefined ? phase : `failed (${failure})`;
    default:
      return phase;
  }
}

export interface Amount {
  readonly phase: string;
  readonly bytes: number;
  readonly totalSize: number;
}

/** How far it is: `1.2 MiB of 30 MiB`. Of a file that was taken back nothing is on its way, however far it came: its size alone. */
export function amountInWords({ phase, bytes, totalSize }: Amount): string {
  const all = humanBytes(totalSize);
  return phase === 'deleted' ? all : `${humanBytes(bytes)} of ${all}`;
}

function whoAndWhen({ device, at }: State, now: number): string {
  if (device === undefined || at === undefined) return '';
  return ` by ${shortId(device)}, ${humanSpan(Math.max(0, now - at))} ago`;
}
