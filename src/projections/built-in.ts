import { files } from './files.ts';
import { members } from './members.ts';
import { timeline } from './timeline/timeline.ts';

/** The projections that come with the engine; add your own beside them. */
export const builtInProjections = { timeline, members, files } as const;

/** Those that an engine keeps in step. Of the timeline it folds what somebody looks at: see `historyPage`. */
export const liveProjections = { members, files } as const;
