import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { importPrivateKeyPem, type PrivateKey, parseJson, parseWith, UsageError } from '@ankang/protocol'
import * as v from 'valibot'

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))
const text = v.pipe(v.string(), v.nonEmpty())
const listen = <E extends v.ObjectEntries>(defaultPort: number, entries: E) =>
  v.strictObject({
    host: v.optional(text, '127.0.0.1'),
    port: v.optional(port, defaultPort),
    fallback: v.optional(v.boolean(), true),
    ...entries,
  })

const DESK_PORT = 8444

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const controllerConfigSchema = v.strictObject({
  mqtt: v.optional(
    listen(8883, {
      /** Without TLS, on loopback: for tools on this machine, with an access token. Off where it is left out. */
      plainPort: v.optional(port),
    }),
    {},
  ),
  http: v.optional(
    listen(8443, {
      /** A certificate of somebody browsers know, and its key. Left out: one of the house's own CA. */
      certificateFile: v.optional(text),
      keyFile: v.optional(text),
      /**
       * A second port where boxes enrol and renew, under a certificate of the house's own CA: they believe no other. Left out:
       * none, but 8444 where a certificate is given.
       */
      deskPort: v.optional(port),
    }),
    {},
  ),
  store: v.strictObject({ file: text }),
  caFolder: v.optional(text, '../ca'),
  trustFile: v.optional(text, '../trust/trust.json'),
  receiptKeyFile: v.optional(text, 'receipt.key'),
  commandKeyFile: v.optional(text, 'command.key'),
  desiredKeyFile: v.optional(text, 'desired.key'),
  /** Names and addresses under which devices and browsers reach this machine. */
  serverNames: v.optional(v.array(text), ['localhost', '127.0.0.1', '::1']),
  people: v.optional(v.strictObject({ secondFactor: v.optional(v.picklist(['all', 'all-but-viewers']), 'all') }), {}),
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
  const at = (path: string) => resolve(folder, path)
  const { certificateFile, keyFile, ...http } = config.http
  if ((certificateFile === undefined) !== (keyFile === undefined))
    throw new UsageError('config-invalid', `${file}: http: expected certificateFile and keyFile together, or neither`)
  return {
    ...config,
    http: {
      ...http,
      port: flags.httpPort ?? http.port,
      ...(certificateFile === undefined || keyFile === undefined
        ? {}
        : { certificateFile: at(certificateFile), keyFile: at(keyFile), deskPort: http.deskPort ?? DESK_PORT }),
    },
    mqtt: { ...config.mqtt, port: flags.mqttPort ?? config.mqtt.port },
    store: { file: at(config.store.file) },
    caFolder: at(config.caFolder),
    trustFile: at(config.trustFile),
    receiptKeyFile: at(config.receiptKeyFile),
    commandKeyFile: at(config.commandKeyFile),
    desiredKeyFile: at(config.desiredKeyFile),
  }
}

/**
 * A signing key of the centre, Ed25519 in PKCS#8 PEM. One that others can read is nobody's key.
 * Throws `file-unreadable`, `key-file-open` or `private-key-expected`.
 */
export async function readSigningKey(file: string): Promise<PrivateKey> {
  const pem = await readText(file, 'key')
  const mode = (await stat(file)).mode & 0o777
  if ((mode & 0o077) !== 0)
    throw new UsageError(
      'key-file-open',
      `${file}: expected to be readable by its owner alone (0600), it is 0${mode.toString(8)}; run chmod 600 on it`,
    )
  try {
    return importPrivateKeyPem(pem)
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(error.code, `${file}: ${error.message}`, { cause: error.cause })
    throw error
  }
}
