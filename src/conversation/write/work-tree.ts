import { isSyncError } from '../../errors.ts';
import type { Repository } from '../repository/repository.ts';

/**
 * Has the work tree follow the head. It is a copy for people and other programs, so a disk that does not take it now undoes
 * no commit: it is made up for with the next commit that changes files, or when the conversation is opened again.
 */
export async function followHead(repository: Pick<Repository, 'checkOut'>): Promise<void> {
  try {
    await repository.checkOut();
  } catch (error) {
    if (!isSyncError(error, 'DISK_FULL') && !isSyncError(error, 'FILE_FAILED')) throw error;
  }
}
