import { createWorkerBatchDisk } from '../../src/fetcher/small/worker-batch-disk-adapter.ts';
import { inlineBatchDisk } from '../support/fetcher/inline-batch-disk.ts';
import { describeBatchDisk } from './batch-disk.contract.ts';

describeBatchDisk('the worker', createWorkerBatchDisk);
describeBatchDisk('the double', () => inlineBatchDisk);
