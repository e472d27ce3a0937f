import type { Interaction } from '../../events/interaction.ts';
import type { Begun } from './append-ahead.ts';
import type { CommitToStore } from './commit-store.ts';
import { preparedFrom, type SignedCommit, signedFrom } from './prepare-commit.ts';

/** A commit that is signed; it is part of the log once it is stored. */
export interface CommitUnderWay {
  readonly signed: SignedCommit;
  readonly stored: Promise<Interaction>;
  /** Has it stored; again does nothing. */
  handOver(): void;
}

export function commitUnderWay(
  signed: SignedCommit,
  begun: Begun | undefined,
  store: (prepared: CommitToStore) => Promise<Interaction>,
): CommitUnderWay {
  let isHandedOver = false;
  let begin = () => {};
  const stored = new Promise<Interaction>((resolve, reject) => {
    const storing = async () => store(begun ? begunWith(begun, signed) : preparedFrom(signed));
    begin = () => void storing().then(resolve, reject);
  });
  return {
    signed,
    stored,
    handOver() {
      if (!isHandedOver) begin();
      isHandedOver = true;
    },
  };
}

function begunWith({ prepared, judged, appended }: Begun, signed: SignedCommit): CommitToStore {
  return { ...signedFrom(prepared, signed), judged, appended };
}
