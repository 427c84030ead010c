import { appendFileSync } from 'node:fs'
import { describeError, EnvironmentError } from '@ankang/protocol'

/** Adds one JSON line. In the calling turn: when it returns, the line stands in the file. */
export function appendLine(file: string, line: object): void {
  try {
    appendFileSync(file, `${JSON.stringify(line)}\n`)
  } catch (error) {
    throw new EnvironmentError(
      'recorder-failed',
      `cannot record in ${file}: ${describeError(error)}; check the folder and the space on its disk`,
      {
        cause: error,
        retryable: true,
      },
    )
  }
}
