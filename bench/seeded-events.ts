import type { ConversationEvent } from '../src/events/conversation-event.ts';
import { Digest } from '../src/ids.ts';
import { commitId } from '../test/support/events/interactions.ts';

/** Every how manieth event is a file; the others are messages and what belongs to them. */
const FILE_EVERY = 10;

/** What is said at a place of a made-up conversation: always the same. */
export function eventAt(place: number): ConversationEvent {
  if (place % FILE_EVERY === 0) return fileAt(place);
  return { kind: 'message-sent', body: `${place}: ${'all work and no play '.repeat(1 + (place % 7))}` };
}

/** The same with replies, edits, reactions and deletions, which name earlier places by `commitId`. */
export function eventAmongOthersAt(place: number): ConversationEvent {
  const earlier = commitId(1 + Math.floor((place * 0.618) % place));
  switch (place % 16) {
    case 3:
      return { kind: 'message-sent', body: `${place}, yes`, replyTo: earlier };
    case 7:
      return { kind: 'reaction-added', body: '👍', reactTo: earlier };
    case 11:
      return { kind: 'message-edited', body: `${place}, rather`, edit: earlier };
    case 15:
      return { kind: 'message-deleted', edit: earlier };
    default:
      return eventAt(place);
  }
}

function fileAt(place: number): ConversationEvent {
  const sha3sum = Digest.parse(place.toString(16).padStart(128, 'f'));
  return {
    kind: 'file-announced',
    displayName: `picture-${place}.png`,
    sha3sum,
    tid: `${place}`,
    totalSize: 1000 + place,
  };
}
