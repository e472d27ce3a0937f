import type { EntryView } from '../../projections/timeline/timeline-page.ts';
import type { Output } from '../terminal/output.ts';
import { lineText } from './clean-text.ts';
import { describeEvent } from './describe-interaction.ts';
import { humanBytes, humanTime, shortId } from './human.ts';

/** A timeline entry as lines for a person: what it says, then its reactions, indented. */
export function describeEntry(entry: EntryView, { dim, cyan, italic }: Output['colours']): string[] {
  const who = cyan(entry.author ? shortId(entry.author) : 'nobody  ');
  const said = entry.isDeleted ? dim(italic('deleted')) : lineText(describeContent(entry));
  const first = `${dim(humanTime(entry.timestamp))}  ${shortId(entry.id)}  ${who}  ${said}`;
  if (entry.reactions.length === 0) return [first];
  const reactions = entry.reactions.map(
    ({ author, body }) => `${lineText(body)} ${author ? shortId(author) : 'nobody'}`,
  );
  return [first, `${' '.repeat(41)}${dim(reactions.join(' · '))}`];
}

function describeContent(entry: EntryView): string {
  switch (entry.kind) {
    case 'message': {
      const reply = entry.replyTo ? `re ${shortId(entry.replyTo)}: ` : '';
      return `${reply}${entry.body}${entry.editions.length > 0 ? ' (edited)' : ''}`;
    }
    case 'file':
      return `file ${entry.displayName} (${humanBytes(entry.totalSize)})`;
    case 'document':
      return `document ${entry.displayName ?? entry.uri}`;
    case 'event':
      return describeEvent(entry.event);
    case 'unknown':
      return `[${entry.type}] of a type this version does not know`;
    case 'malformed':
      return `[${entry.type || 'no type'}] malformed: ${entry.reason}`;
  }
}
