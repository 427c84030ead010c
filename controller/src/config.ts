import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { importPrivateKeyPem, isTopicId, type PrivateKey, parseJson, parseWith, UsageError } from '@ankang/protocol'
import * as v from 'valibot'

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))
const topicId = v.pipe(
  v.string(),
  v.check(isTopicId, 'expected an id of a-z, 0-9 and -, which is not trust, log or replay'),
)
const listen = (defaultPort: number) =>
  v.optional(
    v.strictObject({
      host: v.optional(v.pipe(v.string(), v.nonEmpty()), '127.0.0.1'),
      port: v.optional(port, defaultPort),
      fallback: v.optional(v.boolean(), true),
    }),
    {},
  )

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const controllerConfigSchema = v.strictObject({
  mqtt: listen(1883),
  http: listen(8080),
  store: v.strictObject({ file: v.pipe(v.string(), v.nonEmpty()) }),
  receiptKeyFile: v.pipe(v.string(), v.nonEmpty()),
  devices: v.array(
    v.strictObject({
      site: topicId,
      device: topicId,
      publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits, lower case')),
    }),
  ),
  logLevel: v.optional(v.picklist(LOG_LEVELS), 'info'),
})

/** Paths are absolute. */
export type ControllerConfig = v.InferOutput<typeof controllerConfigSchema>

/** What a flag may say instead of the file. */
export interface ConfigFlags {
  readonly httpPort?: number
  readonly mqttPort?: number
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError('file-unreadable', `${what}: cannot read ${file}; check the path and its permissions`, {
      cause: error,
      details: { file },
    })
  }
}

/** Flags over file. Paths in the file are relative to its folder. Throws `file-unreadable` or `config-invalid`. */
export async function readConfig(file: string, flags: ConfigFlags = {}): Promise<ControllerConfig> {
  const context = { code: 'config-invalid', source: file }
  const json = parseJson(await readText(file, 'configuration'), context)
  const config = parseWith(controllerConfigSchema, json, context)
  const folder = dirname(resolve(file))
  return {
    ...config,
    http: { ...config.http, port: flags.httpPort ?? config.http.port },
    mqtt: { ...config.mqtt, port: flags.mqttPort ?? config.mqtt.port },
    store: { file: resolve(folder, config.store.file) },
    receiptKeyFile: resolve(folder, config.receiptKeyFile),
  }
}

/** A key others can read is nobody's key. Throws `file-unreadable`, `key-file-open` or `private-key-expected`. */
export async function readReceiptKey({ receiptKeyFile }: ControllerConfig): Promise<PrivateKey> {
  const pem = await readText(receiptKeyFile, 'receiptKeyFile')
  const mode = (await stat(receiptKeyFile)).mode & 0o777
  if ((mode & 0o077) !== 0)
    throw new UsageError(
      'key-file-open',
      `${receiptKeyFile}: expected to be readable by its owner alone (0600), it is 0${mode.toString(8)}; run chmod 600 on it`,
    )
  try {
    return importPrivateKeyPem(pem)
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(error.code, `${receiptKeyFile}: ${error.message}`, { cause: error.cause })
    throw error
  }
}
