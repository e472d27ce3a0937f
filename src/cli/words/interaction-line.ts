import { fileIdOf } from '../../events/file-id.ts';
import type { Interaction } from '../../events/interaction.ts';

/** An interaction as one JSON line of `log`. `timestamp` in seconds; `body` as it stands in the commit; a merge has none. */
export function interactionLine({
  id,
  parents,
  linearizedParent,
  author,
  device,
  committedAt,
  content,
}: Interaction): object {
  const file = content.outcome === 'known' && content.event.kind === 'file-announced' ? content.event : undefined;
  return {
    id,
    parents,
    linearizedParent: linearizedParent ?? null,
    author: author ?? null,
    device,
    timestamp: committedAt,
    type: content.type,
    body: content.outcome === 'merge' ? null : (content.raw ?? null),
    ...(file && { fileId: fileIdOf(id, file) }),
    ...(content.outcome === 'malformed' && { malformed: content.reason }),
  };
}
