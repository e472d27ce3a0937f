import type { Decoded } from '../../events/decode.ts';
import type { AuthoredFacts } from './commit-facts.ts';
import { judgeOther } from './other.ts';
import { type Flaw, flaw } from './rule.ts';

/** R45–R47, and R49 as for every ordinary commit: a message or an announcement is changed or taken back. */
export function judgeEdit(facts: AuthoredFacts, target: string): Flaw | undefined {
  const { edited, signer } = facts;
  if (edited === 'hidden') return judgeOther(facts);
  if (!edited) return flaw('R45', `${target || 'nothing'} is no earlier commit of its history`);
  if (edited.author !== signer.uri) return flaw('R46', `${signer.uri} edits what ${edited.author ?? 'somebody'} wrote`);
  if (!isEditable(edited.content)) return flaw('R47', `${target} is of a type that cannot be edited`);
  return judgeOther(facts);
}

/** What counts is the type: a text that is itself a reaction or an edit has the editable type as well. */
function isEditable(content: Decoded): boolean {
  if (content.outcome === 'merge') return false;
  if (content.type === 'application/data-transfer+json') return Boolean(content.raw?.['tid']);
  return content.type === 'text/plain' || content.type === 'application/collab-doc+json';
}
