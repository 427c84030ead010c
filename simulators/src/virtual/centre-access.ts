import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { EnvironmentError, parseJson, parseWith } from '@ankang/protocol'
import * as v from 'valibot'
import type { HomePaths } from '../home/home-paths.ts'
import { ankangJson } from './ankang-command.ts'

const REQUEST_TIMEOUT_MS = 10_000
const TOKEN = v.object({ token: v.string() })
const TOKEN_DAYS = '1'

/** How a program reads the centre's API: over TLS by the house's own CA, with a token that can change nothing. */
export interface CentreAccess {
  /** With a slash at the end. */
  readonly httpUrl: string
  /** PEM. */
  readonly ca: string
  readonly token: string
}

/** Makes an access token for this run, as a person at the machine would. Throws `command-failed`. */
export async function openCentreAccess(paths: HomePaths, httpUrl: string): Promise<CentreAccess> {
  const name = `simulator-${process.pid}-${Date.now().toString(36)}`
  const args = ['operator', 'token', '--home', paths.root, '--name', name, '--days', TOKEN_DAYS]
  const { token } = await ankangJson(args, TOKEN)
  return { httpUrl, ca: readFileSync(paths.caCertificate, 'utf8'), token }
}

/** The JSON at `path` of the API. Throws `controller-unreachable`, `controller-answer-invalid`. */
export function readCentre<S extends v.GenericSchema>(
  { httpUrl, ca, token }: CentreAccess,
  path: string,
  schema: S,
): Promise<v.InferOutput<S>> {
  const url = new URL(path, httpUrl)
  const context = { code: 'controller-answer-invalid', source: String(url) }
  return new Promise((resolve, reject) => {
    const unreachable = (cause: unknown): void =>
      reject(
        new EnvironmentError('controller-unreachable', `控制器无应答 · the controller does not answer at ${url}`, {
          cause,
          retryable: true,
        }),
      )
    const asked = request(
      url,
      { ca, timeout: REQUEST_TIMEOUT_MS, headers: { authorization: `Bearer ${token}` } },
      answer => {
        const parts: Buffer[] = []
        answer.on('data', part => parts.push(part))
        answer.on('error', unreachable)
        answer.on('end', () => {
          try {
            resolve(parseWith(schema, parseJson(Buffer.concat(parts).toString('utf8'), context), context))
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    asked.on('timeout', () =>
      asked.destroy(new EnvironmentError('controller-silent', 'no answer in time', { retryable: true })),
    )
    asked.on('error', unreachable)
    asked.end()
  })
}
