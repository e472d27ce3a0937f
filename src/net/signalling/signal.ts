/**
 * What two devices tell each other before they have a link, each on the encrypted stream to the other's DHT key:
 * first who they are (`Hello`), then for each path an offer and an answer (`PeerConnectionMsg` in the design).
 */
import * as z from 'zod';
import { SyncError } from '../../errors.ts';
import { CERTIFICATE_BYTES, REASON_BYTES, SIGNAL_BYTES } from '../../limits.ts';
import { PATH_KINDS } from '../net.ts';
import { formatDescription, parseDescription } from './description.ts';

const SignalId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const PathKind = z.enum(PATH_KINDS);
const Reason = z.string().max(REASON_BYTES);

const Hello = z.object({
  kind: z.literal('hello'),
  version: z.literal(1),
  /** PEM: device, account, authority. */
  chain: z.string().max(CERTIFICATE_BYTES),
  /** The device's signature over its DHT key; base64. */
  binding: z.base64().max(2048),
});
export type Hello = z.infer<typeof Hello>;

const Refusal = z.object({
  kind: z.literal('refusal'),
  reason: Reason,
  proof: z.string().max(SIGNAL_BYTES).optional(),
});

/** The answer to a hello: one in return, or a no. */
const Greeting = z.discriminatedUnion('kind', [Hello, Refusal]);
export type Greeting = z.infer<typeof Greeting>;

const about = { id: SignalId, connType: PathKind };
const Described = z
  .string()
  .max(SIGNAL_BYTES)
  .transform((text) => parseDescription(text));

const Signal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('offer'), ...about, description: Described }),
  z.object({ kind: z.literal('answer'), ...about, description: Described }),
  /** Those that the offer held back. */
  z.object({ kind: z.literal('candidates'), ...about, description: Described }),
  /** The answerer cannot or will not use the path. */
  z.object({ kind: z.literal('no-path'), ...about, reason: Reason }),
]);
export type Signal = z.infer<typeof Signal>;

/** Throws MALFORMED. */
export function parseGreeting(value: unknown): Greeting {
  return parsed(Greeting, value, 'greeting');
}

/** Throws MALFORMED. */
export function parseSignal(value: unknown): Signal {
  return parsed(Signal, value, 'signal');
}

/** As it travels. */
export function formatSignal(signal: Signal): object {
  return 'description' in signal ? { ...signal, description: formatDescription(signal.description) } : signal;
}

function parsed<Value>(schema: z.ZodType<Value>, value: unknown, what: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new SyncError('MALFORMED', { what, detail: z.prettifyError(result.error) });
}
