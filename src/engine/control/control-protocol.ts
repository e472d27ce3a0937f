/**
 * The words between the command line and a running engine: one JSON object a line on a socket in the home.
 * A request is answered by any number of events and then one result or one error, all under the request's id.
 * The caller takes a request back by ending its side of the connection, and hears what came of it: an error `CANCELLED`, or the
 * result of what was done already.
 */
import * as z from 'zod';

export const ControlRequest = z.object({
  id: z.number().int().nonnegative(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
});
export type ControlRequest = z.infer<typeof ControlRequest>;

export const ControlReply = z.union([
  z.object({ id: z.number(), event: z.unknown() }).strict(),
  z.object({ id: z.number(), result: z.unknown() }).strict(),
  z.object({ id: z.number(), error: z.object({ code: z.string(), message: z.string(), data: z.unknown() }) }).strict(),
]);
export type ControlReply = z.infer<typeof ControlReply>;

/** What the engine does for one request. `emit` sends an event; the signal fires when the caller takes it back, or has gone. */
export type ControlHandler = (
  request: { readonly method: string; readonly params: Readonly<Record<string, unknown>> },
  call: { readonly emit: (event: unknown) => void; readonly signal: AbortSignal },
) => Promise<unknown>;
