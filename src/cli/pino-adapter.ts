import { type LevelWithSilent, pino } from 'pino';
import type { Log } from '../ports.ts';

/** A log on stderr, one JSON object a line. */
export function createPinoLog(level: string): Log {
  const logger = pino({ level: level as LevelWithSilent, base: null }, pino.destination({ dest: 2, sync: true }));
  return {
    debug: (message, data = {}) => logger.debug(data, message),
    info: (message, data = {}) => logger.info(data, message),
    warn: (message, data = {}) => logger.warn(data, message),
  };
}
