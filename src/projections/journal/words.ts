/** What a user can say about a file, and what that comes to. */
import type { RecordOf } from '../../events/journal-record.ts';
import { never } from '../../never.ts';
import type { FileAnnouncement } from '../files.ts';
import type { FileRecord } from './file-record.ts';

/** `accept`, `resume` and `retry` come to the same: from now on the file is wanted, or given away, again. */
export const WORDS = ['accept', 'refuse', 'cancel', 'pause', 'resume', 'retry'] as const;
export type Word = (typeof WORDS)[number];

export type WordVerdict =
  /** To be journalled; `stop` is what becomes of that which is under way. */
  | {
      readonly verdict: 'said';
      readonly kind: RecordOf<'file-accepted' | 'file-refused' | 'file-cancelled' | 'file-paused'>['kind'];
      readonly stop?: 'cancel' | 'pause';
    }
  /** It is so already. */
  | { readonly verdict: 'no-news' }
  | { readonly verdict: 'refused'; readonly reason: 'deleted' | 'here-already' };

/** What is known of the file here. */
export interface WordSubject {
  readonly file: Pick<FileAnnouncement, 'isDeleted'>;
  readonly record: FileRecord | undefined;
}

const NO_NEWS: WordVerdict = { verdict: 'no-news' };

/** Said twice it is said once. A pause takes back neither a cancel nor a refusal: only accepting does. */
export function judgeWord(word: Word, subject: WordSubject): WordVerdict {
  const wish = subject.record?.wish;
  switch (word) {
    case 'accept':
    case 'resume':
    case 'retry':
      return judgeAccept(subject);
    case 'refuse':
      if (isHere(subject)) return { verdict: 'refused', reason: 'here-already' };
      return wish === 'refused' || isDeleted(subject)
        ? NO_NEWS
        : { verdict: 'said', kind: 'file-refused', stop: 'cancel' };
    case 'cancel':
      return wish === 'cancelled' || isDeleted(subject)
        ? NO_NEWS
        : { verdict: 'said', kind: 'file-cancelled', stop: 'cancel' };
    case 'pause':
      return wish === 'paused' || wish === 'cancelled' || wish === 'refused' || isDeleted(subject)
        ? NO_NEWS
        : { verdict: 'said', kind: 'file-paused', stop: 'pause' };
    default:
      return never(word);
  }
}

/** Said again for a file that is wanted but not coming, it ends the waiting between two tries. */
function judgeAccept(subject: WordSubject): WordVerdict {
  const { record } = subject;
  if (isDeleted(subject)) return { verdict: 'refused', reason: 'deleted' };
  const isHeldBack = record?.wish !== undefined && record.wish !== 'accepted';
  const isComing = record?.wish === 'accepted' && isUnderWay(record);
  const isNews = isHere(subject) ? isHeldBack : !isComing;
  return isNews ? { verdict: 'said', kind: 'file-accepted' } : NO_NEWS;
}

function isUnderWay({ asks, subTransfers }: FileRecord): boolean {
  const isReceived = subTransfers.some(({ phase, direction }) => phase === 'running' && direction === 'receiving');
  return isReceived || asks.some(({ outcome }) => outcome.kind === 'waiting');
}

function isHere({ record }: WordSubject): boolean {
  return record?.presence.kind === 'verified';
}

function isDeleted({ file }: WordSubject): boolean {
  return file.isDeleted;
}
