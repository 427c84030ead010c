import * as v from 'valibot'
import { type ProgramListeners, ProgramProcess } from './program-process.ts'
import { CONTROLLER_PROGRAM } from './programs.ts'

const READY_TIMEOUT_MS = 20_000
const READY = v.object({
  event: v.literal('ready'),
  httpUrl: v.string(),
  deskUrl: v.string(),
  mqttUrl: v.string(),
})

/** What it says on its error stream at its very first start, and never again. */
const FIRST_START = /^first start: operator (\S+), one-time password (\S+)/

/** Where the controller can be reached: not always on the ports that were asked for. */
export interface ControllerAddress {
  readonly httpUrl: string
  /** Where boxes enrol: an origin. */
  readonly deskUrl: string
  readonly mqttUrl: string
}

export interface StartedController {
  readonly process: ProgramProcess
  readonly address: ControllerAddress
  /** Null at any start but the first of a home. */
  readonly firstOperator: { readonly name: string; readonly oneTimePassword: string } | null
}

/** Starts the controller's program, with flags where something is to be other than the file says, and waits until it is ready. Throws `program-silent`, `program-ended`. */
export async function startController(
  configFile: string,
  listeners: ProgramListeners = {},
  flags: readonly string[] = [],
): Promise<StartedController> {
  let firstOperator: StartedController['firstOperator'] = null
  const process = new ProgramProcess({
    name: '控制器 controller',
    program: CONTROLLER_PROGRAM,
    configFile,
    flags,
    ...listeners,
    onText: text => {
      const [, name, oneTimePassword] = FIRST_START.exec(text) ?? []
      if (name !== undefined && oneTimePassword !== undefined) firstOperator = { name, oneTimePassword }
      listeners.onText?.(text)
    },
  })
  try {
    const address = await process.waitFor(
      line => {
        const ready = v.safeParse(READY, line)
        return ready.success ? ready.output : null
      },
      '就绪 ready line',
      READY_TIMEOUT_MS,
    )
    return { process, address, firstOperator }
  } catch (error) {
    await process.stop()
    throw error
  }
}
