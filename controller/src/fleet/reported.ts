import { desiredSettings, type ReportedPayload } from '@ankang/protocol'
import { plainWords } from './plain-words.ts'

/** Only the settings this build knows: a name in a field of another kind must not get onto the page. */
export function knownReport({ version, appliedMs, config, error }: ReportedPayload): ReportedPayload {
  const settings = Object.entries(config).filter(([name]) => Object.hasOwn(desiredSettings.entries, name))
  const cleaned = settings.map(([name, value]) => [name, typeof value === 'string' ? plainWords(value, 40) : value])
  return {
    version,
    appliedMs,
    config: Object.fromEntries(cleaned),
    ...(error === undefined ? {} : { error: { version: error.version, detail: plainWords(error.detail) } }),
  }
}
