import type { CommitId, ObjectId } from '../../ids.ts';
import type { KnownLinks } from '../repository/missing-commits.ts';
import { objectsToSend, type SendRange } from '../repository/objects-to-send.ts';
import type { Objects } from '../repository/repository.ts';

/** A list of objects that is being made, or is made. */
export interface SendList {
  /** As `objectsToSend`. */
  readonly ids: Promise<readonly (ObjectId | CommitId)[]>;
  /** How many there are so far. */
  found(): number;
}

/** What has to be sent of a repository. */
export interface SendLists {
  of(range: SendRange): SendList;
}

/**
 * Remembers the last list for somebody who has nothing: many clone the same, perhaps at the same time, and a long history
 * takes a while to be walked. What a list holds depends on the commits in the range alone, so it does not grow old.
 * Commits of `knownLinks` are not read for it.
 */
export function createSendLists(objects: Objects, knownLinks?: KnownLinks): SendLists {
  let whole: { readonly key: string; readonly list: SendList } | undefined;
  return {
    of(asked) {
      const range = knownLinks ? { ...asked, knownLinks } : asked;
      if (!isWhole(range)) return makeList(objects, range);
      const key = [...range.wants, '', ...(range.tags ?? [])].join(' ');
      if (whole?.key === key) return whole.list;
      const list = makeList(objects, range);
      whole = { key, list };
      list.ids.catch(() => {
        if (whole?.list === list) whole = undefined;
      });
      return list;
    },
  };
}

function isWhole({ haves, wantsEndAt }: SendRange): boolean {
  return haves.length === 0 && !wantsEndAt?.size;
}

function makeList(objects: Objects, range: SendRange): SendList {
  let found = 0;
  const ids = objectsToSend(objects, range, (count) => {
    found = count;
  });
  return { ids, found: () => found };
}
