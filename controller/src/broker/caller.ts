import { type DeviceAddress, deviceReads, deviceWrites, OPERATOR_READS } from '@ankang/protocol'

/** An enrolled device at the other end of a line. */
export interface DeviceCaller {
  readonly kind: 'device'
  readonly address: DeviceAddress
  readonly reads: readonly string[]
  readonly writes: { readonly all: readonly string[]; readonly retained: readonly string[] }
  readonly fingerprint: Uint8Array
  /** The line ends with its certificate. */
  readonly notAfterMs: number
}

/** A tool with an operator's token: it reads, and says nothing. */
export interface ToolCaller {
  readonly kind: 'tool'
  readonly name: string
  readonly reads: readonly string[]
  /** Whether the token is still good. */
  readonly isGood: () => boolean
}

export type Caller = DeviceCaller | ToolCaller

export function deviceCaller(
  address: DeviceAddress,
  certificate: { readonly fingerprint: Uint8Array; readonly notAfterMs: number },
): DeviceCaller {
  const { fingerprint, notAfterMs } = certificate
  return {
    kind: 'device',
    address,
    reads: deviceReads(address),
    writes: deviceWrites(address),
    fingerprint,
    notAfterMs,
  }
}

export function toolCaller(name: string, isGood: () => boolean): ToolCaller {
  return { kind: 'tool', name, reads: OPERATOR_READS, isGood }
}

/** For the log. */
export function callerName(caller: Caller): string {
  return caller.kind === 'device' ? caller.address.device : `token:${caller.name}`
}
