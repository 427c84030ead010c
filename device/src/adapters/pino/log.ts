import pino from 'pino'
import type { LOG_LEVELS } from '../../config.ts'
import type { DeviceLog } from '../../device-parts.ts'

/** JSON lines on stdout, written at once: a line that was logged is out even if the power goes. */
export function makeLog(level: (typeof LOG_LEVELS)[number], device: string): DeviceLog {
  const log = pino(
    { level, base: { device }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 1, sync: true }),
  )
  return {
    info: (fields, text) => log.info(fields, text),
    warn: (fields, text) => log.warn(fields, text),
    error: (fields, text) => log.error(fields, text),
    setLevel: to => {
      log.level = to
    },
  }
}
