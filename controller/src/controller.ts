import { buildHttpServer } from './api/http-server.ts'
import { openGround } from './composition/ground.ts'
import { startLine } from './composition/line.ts'
import { Running } from './composition/running.ts'
import type { ControllerConfig } from './config.ts'
import type { Log } from './log.ts'
import { listenOnFreePort } from './port-fallback.ts'

export interface RunningController {
  /** https://…, with a slash at the end. */
  readonly httpUrl: string
  readonly mqttUrl: string
  close(): Promise<void>
}

/** Puts the parts together and starts them. What was started is stopped again when a later part fails. */
export async function startController(config: ControllerConfig, log: Log): Promise<RunningController> {
  const running = new Running(log)
  try {
    const ground = await openGround(config, log, running)
    const line = await startLine(ground, { admitToken: () => null })
    const server = await buildHttpServer({
      ...line,
      storeFault: () => line.ingest.storeFault,
      refused: () => ground.refusals.counts(),
      log,
    })
    running.onClose(() => server.close())
    const { host } = config.http
    const address = await listenOnFreePort('http', config.http, port => server.listen({ host, port }))
    return { httpUrl: `${address}/`, mqttUrl: line.broker.url, close: () => running.close() }
  } catch (error) {
    await running.close()
    throw error
  }
}
