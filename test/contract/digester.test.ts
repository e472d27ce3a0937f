import { createWorkerDigester } from '../../src/fetcher/digest/worker-digester-adapter.ts';
import { inlineDigester } from '../support/fetcher/inline-digester.ts';
import { describeDigester } from './digester.contract.ts';

describeDigester('the hashing worker', createWorkerDigester);
describeDigester('the double', inlineDigester);
