/** What devices and gates say to each other on a control connection, and the bytes that each connection to a gate begins with. */
import * as z from 'zod';
import { SyncError } from '../../errors.ts';
import { GATE_TOPICS, LOOK_UP_RESULTS } from '../../limits.ts';

/** 32 bytes in hex: a key, a topic or a ticket. */
const Hex = z.string().regex(/^[0-9a-f]{64}$/);
const Id = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);

const FromGuest = z.discriminatedUnion('kind', [
  /** The first word. The device is found under the topics for as long as the connection lasts. */
  z.object({ kind: z.literal('enter'), version: z.literal(1), topics: z.array(Hex).max(GATE_TOPICS) }),
  z.object({ kind: z.literal('look-up'), id: Id, topic: Hex }),
  z.object({ kind: z.literal('connect'), id: Id, key: Hex }),
  z.object({ kind: z.literal('ping') }),
]);
export type FromGuest = z.infer<typeof FromGuest>;

const FromGate = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('entered') }),
  z.object({ kind: z.literal('found'), id: Id, keys: z.array(Hex).max(LOOK_UP_RESULTS) }),
  /** Without a ticket: nobody has entered with that key, or there is no place. */
  z.object({ kind: z.literal('ticket'), id: Id, ticket: Hex.optional() }),
  /** Somebody wants to speak to this device, and waits at the other end. */
  z.object({ kind: z.literal('incoming'), ticket: Hex }),
  z.object({ kind: z.literal('pong') }),
]);
export type FromGate = z.infer<typeof FromGate>;

/** Throws MALFORMED. */
export function parseFromGuest(value: unknown): FromGuest {
  return parsed(FromGuest, value);
}

/** Throws MALFORMED. */
export function parseFromGate(value: unknown): FromGate {
  return parsed(FromGate, value);
}

function parsed<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new SyncError('MALFORMED', { what: 'message of a gate', detail: z.prettifyError(result.error) });
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What a connection is for: to speak to the gate, or to the other end of a tunnel. */
export type Preamble = { readonly kind: 'control' } | { readonly kind: 'tunnel'; readonly ticket: string };

const [CONTROL, TUNNEL, TICKET_BYTES] = [1, 2, 32];

export function encodePreamble(preamble: Preamble): Uint8Array {
  if (preamble.kind === 'control') return Uint8Array.of(CONTROL);
  return Buffer.concat([Uint8Array.of(TUNNEL), Buffer.from(preamble.ticket, 'hex')]);
}

export interface ReadPreamble {
  readonly preamble: Preamble;
  /** Bytes that it took. */
  readonly length: number;
}

/** Undefined when there is more to come. Throws MALFORMED. */
export function readPreamble(bytes: Uint8Array): ReadPreamble | undefined {
  if (bytes.byteLength === 0) return undefined;
  if (bytes[0] === CONTROL) return { preamble: { kind: 'control' }, length: 1 };
  if (bytes[0] !== TUNNEL) throw new SyncError('MALFORMED', { what: 'connection to a gate', detail: 'no such kind' });
  const length = 1 + TICKET_BYTES;
  if (bytes.byteLength < length) return undefined;
  return { preamble: { kind: 'tunnel', ticket: hexOf(bytes.subarray(1, length)) }, length };
}
