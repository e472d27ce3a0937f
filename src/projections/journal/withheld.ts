import { never } from '../../never.ts';
import type { FileRecord } from './file-record.ts';

/** Whether, by the user's latest word, the file is given to nobody from here, for now or for good. */
export function withheldBy(wish: FileRecord['wish']): 'paused' | 'cancelled' | undefined {
  switch (wish) {
    case 'paused':
    case 'cancelled':
      return wish;
    // It was refused before it came here some other way.
    case 'refused':
    case 'accepted':
    case undefined:
      return undefined;
    default:
      return never(wish);
  }
}
