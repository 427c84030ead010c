import { execFile } from 'node:child_process'
import { EnvironmentError, parseJson, parseWith } from '@ankang/protocol'
import type * as v from 'valibot'
import { ANKANG_PROGRAM } from './programs.ts'

const TIMEOUT_MS = 60_000

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}

/** Runs `ankang … --json` as a person at this machine would, and reads what it prints. Throws `command-failed`. */
export function ankangJson<S extends v.GenericSchema>(args: readonly string[], schema: S): Promise<v.InferOutput<S>> {
  const words = ['ankang', ...args.slice(0, 2)].join(' ')
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [ANKANG_PROGRAM, ...args, '--json'],
      { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        try {
          if (error !== null)
            throw new EnvironmentError('command-failed', `${words}: ${lastLine(stderr) || error.message}`, {
              cause: error,
              retryable: false,
            })
          const context = { code: 'command-answer-invalid', source: words }
          resolve(parseWith(schema, parseJson(lastLine(stdout), context), context))
        } catch (fault) {
          reject(fault)
        }
      },
    )
  })
}
