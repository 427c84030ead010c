import { dirname, join } from 'node:path'
import { openGround } from './composition/ground.ts'
import { startLine } from './composition/line.ts'
import { Running } from './composition/running.ts'
import { startWeb } from './composition/web.ts'
import type { ControllerConfig } from './config.ts'
import type { Log } from './log.ts'
import { makePeople } from './people/make-people.ts'
import { openPeopleKey } from './people/people-key.ts'

export interface RunningController {
  /** https://…, with a slash at the end. */
  readonly httpUrl: string
  /** https://host:port, where boxes enrol and renew. */
  readonly deskUrl: string
  readonly mqttUrl: string
  /** Made at the very first start, to be shown once; null at any other. */
  readonly firstOperator: { readonly name: string; readonly oneTimePassword: string } | null
  close(): Promise<void>
}

/** Puts the parts together and starts them. What was started is stopped again when a later part fails. */
export async function startController(config: ControllerConfig, log: Log): Promise<RunningController> {
  const running = new Running(log)
  try {
    const ground = await openGround(config, log, running)
    const { store, audit, nowMs, random } = ground
    const key = await openPeopleKey(join(dirname(config.store.file), 'people.key'))
    const accounts = makePeople({ db: store.db, audit, nowMs, random, key, policy: config.people })
    const line = await startLine(ground, accounts.tokens)
    const { httpUrl, deskUrl } = await startWeb(ground, line, accounts)
    const firstOperator = await accounts.operators.ensureFirst()
    return { httpUrl, deskUrl, mqttUrl: line.broker.url, firstOperator, close: () => running.close() }
  } catch (error) {
    await running.close()
    throw error
  }
}
