import type { HashThread } from './hash-thread-adapter.ts';

interface Question<Command, Report, Kind> {
  command(job: number): Command;
  /** The kind of the report that ends the job. */
  readonly answer: Kind;
  /** Told of the reports that do not end it. */
  onOther?(report: Report): void;
}

/**
 * Gives a hashing thread a job and waits for its answer. An abort drops the job.
 * Throws FILE_FAILED, WORKER_FAILED, and the signal's reason.
 */
export function askThread<Command, Report extends { readonly kind: string }, Kind extends Report['kind']>(
  thread: HashThread<Command, Report>,
  { command, answer, onOther }: Question<Command, Report, Kind>,
  signal: AbortSignal,
): Promise<Extract<Report, { readonly kind: Kind }>> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const job = thread.join({
      onReport(report) {
        if (isOfKind(report, answer)) settle(() => resolve(report));
        else onOther?.(report);
      },
      onFailed: (error) => settle(() => reject(error)),
    });
    const abort = () => {
      thread.post({ kind: 'drop', job });
      settle(() => reject(signal.reason));
    };
    function settle(conclude: () => void): void {
      signal.removeEventListener('abort', abort);
      thread.leave(job);
      conclude();
    }
    signal.addEventListener('abort', abort);
    thread.post(command(job));
  });
}

function isOfKind<Report extends { readonly kind: string }, Kind extends Report['kind']>(
  report: Report,
  kind: Kind,
): report is Extract<Report, { readonly kind: Kind }> {
  return report.kind === kind;
}
