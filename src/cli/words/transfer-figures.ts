import { humanWait } from '../../human-span.ts';
import { humanBytes, humanRate, shortId } from './human.ts';
import type { TransferEvent } from './transfer-event.ts';

/** A transfer's figures as people read them; empty where nothing is known. */
export interface TransferFigures {
  readonly percent: string;
  /** `1.2 MiB of 30 MiB`. */
  readonly done: string;
  readonly rate: string;
  readonly left: string;
  readonly from: string;
}

export function transferFigures(transfer: TransferEvent): TransferFigures {
  const { bytes, totalSize, bytesPerSecond, phase, subTransfers } = transfer;
  const isRunning = phase === 'running';
  const peers = subTransfers.filter((sub) => sub.phase === 'running').map(({ peer }) => shortId(peer));
  return {
    percent: `${percentOf(transfer)}%`,
    done: `${humanBytes(bytes)} of ${humanBytes(totalSize)}`,
    rate: isRunning && bytesPerSecond !== undefined ? humanRate(bytesPerSecond) : '',
    left: leftText(transfer),
    from: peers.length > 1 ? `${peers.length} sources` : peers.map((peer) => `from ${peer}`).join(''),
  };
}

function leftText({ phase, etaMs }: TransferEvent): string {
  if (phase === 'verifying') return phase;
  return phase === 'running' && etaMs !== undefined ? `${humanWait(etaMs)} left` : '';
}

/** Rounded down, and all of it only when the file is complete. */
export function percentOf({ bytes, totalSize, phase }: TransferEvent): number {
  if (phase === 'complete') return 100;
  return totalSize === 0 ? 0 : Math.min(99, Math.floor((bytes / totalSize) * 100));
}
