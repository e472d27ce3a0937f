import * as z from 'zod';

/** A rule of the user's as an engine tells it: lists have names in the plural there. */
export const ToldRule = z.looseObject({
  place: z.number(),
  when: z.looseObject({
    types: z.array(z.string()).optional(),
    extensions: z.array(z.string()).optional(),
    conversations: z.array(z.string()).optional(),
  }),
  do: z.string(),
});

/** The rule in the words of a policy file, so that the person who wrote it finds it there. */
export function ruleAsWritten({ place, when, do: wanted }: z.infer<typeof ToldRule>): string {
  const { types: type, extensions: extension, conversations: conversation, ...others } = when;
  return `${place}: ${JSON.stringify({ when: { type, extension, conversation, ...others }, do: wanted })}`;
}
