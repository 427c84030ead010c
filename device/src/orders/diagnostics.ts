import type { TimeTrust } from '@ankang/protocol'
import type { DeviceParts, LogLevel } from '../device-parts.ts'
import type { Report } from '../uplink/report.ts'

interface DiagnosticsSource {
  readonly parts: DeviceParts
  readonly report: Report
  readonly upMs: number
  readonly backlog: number
  readonly logLevel: LogLevel
  readonly clock: TimeTrust
  readonly isLockedDown: boolean
}

/** What somebody far away wants to know first. No person is in it. */
export function diagnostics(source: DiagnosticsSource): Readonly<Record<string, unknown>> {
  const { parts, report, upMs, backlog, logLevel, clock, isLockedDown } = source
  const { firmware, hardware, scene, trust, journal, residentBytes } = parts
  return {
    firmware,
    hardware,
    scene: scene.rules.name,
    trustVersion: trust.version,
    upSeconds: Math.round(upMs / 1000),
    residentBytes: residentBytes(),
    logLevel,
    clock,
    lockdown: isLockedDown,
    head: journal.head().seq,
    backlog,
    counters: report.counters,
    alarms: report.alarmsSoFar(),
  }
}
