import { MODES } from '../events/conversation-created.ts';

/** A mode as the format writes it, for machines: 0 one-to-one … 4 document (format reference §2.5). */
export function modeNumber(mode: string | undefined): number | undefined {
  const number = MODES.findIndex((name) => name === mode);
  return number < 0 ? undefined : number;
}
