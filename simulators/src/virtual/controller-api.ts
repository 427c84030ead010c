import { EnvironmentError, parseWith } from '@ankang/protocol'
import * as v from 'valibot'

const REQUEST_TIMEOUT_MS = 10_000
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const DEVICES = v.object({
  devices: v.array(
    v.object({
      device: v.string(),
      recordsStored: count,
      showingsStored: count,
      duplicates: count,
      gaps: count,
    }),
  ),
})

/** What the controller says it holds of a device. */
export type DeviceCounts = v.InferOutput<typeof DEVICES>['devices'][number]

/** The controller's counts for every device it knows. Throws `controller-unreachable`. */
export async function readDeviceCounts(httpUrl: string): Promise<readonly DeviceCounts[]> {
  const url = new URL('api/devices', httpUrl)
  let answer: unknown
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    answer = await response.json()
  } catch (error) {
    throw new EnvironmentError('controller-unreachable', `控制器无应答 · the controller does not answer at ${url}`, {
      cause: error,
      retryable: true,
    })
  }
  return parseWith(DEVICES, answer, { code: 'controller-answer-invalid', source: String(url) }).devices
}
