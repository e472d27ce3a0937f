import * as z from 'zod';
import { messageOf } from '../../errors.ts';
import { CONTROL_MESSAGE_BYTES } from '../../limits.ts';

type DecodedStatement<Statement> =
  | { readonly kind: 'statement'; readonly statement: Statement }
  /** A newer peer says something that is not known here. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly detail: string };

/** Reads what one side of a transfer says in JSON: an object whose `say` tells its kind; `known` are the kinds of the schema. */
export function decodeStatement<Statement>(
  body: Uint8Array,
  schema: z.ZodType<Statement>,
  known: ReadonlySet<string>,
): DecodedStatement<Statement> {
  if (body.length > CONTROL_MESSAGE_BYTES) return { kind: 'malformed', detail: `a statement of ${body.length} bytes` };
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const statement = schema.safeParse(value);
    if (statement.success) return { kind: 'statement', statement: statement.data };
    const say = z.object({ say: z.string() }).safeParse(value);
    if (say.success && !known.has(say.data.say)) return { kind: 'unknown' };
    return { kind: 'malformed', detail: z.prettifyError(statement.error) };
  } catch (error) {
    return { kind: 'malformed', detail: messageOf(error) };
  }
}
