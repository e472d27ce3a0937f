import type * as z from 'zod';

/** A view as it arrives over the control socket. */
type Told<View> = View extends string | number | boolean | null | undefined
  ? View
  : View extends readonly (infer Item)[]
    ? Told<Item>[]
    : { -readonly [Key in keyof View]: Told<View[Key]> };

/**
 * A schema for what is shown of a view. It names less than the view has, and is read where an engine of another version may
 * have written; that it names nothing else than the library does, the compiler sees to.
 */
export function asToldBy<View>() {
  return <Schema extends z.ZodType>(schema: Told<View> extends z.input<Schema> ? Schema : never): Schema => schema;
}
