import {
  type DeviceCommand,
  equalBytes,
  isOrderName,
  MAX_COMMAND_SECONDS,
  ORDER_KINDS,
  type OrderName,
} from '@ankang/protocol'
import * as v from 'valibot'

/** An order as its kind declares it, its arguments read. */
export type Order = {
  readonly [Name in OrderName]: {
    readonly name: Name
    readonly args: v.InferOutput<(typeof ORDER_KINDS)[Name]['args']>
  }
}[OrderName]

/** Why a true command is not carried out; the detail of its result. */
export type OrderRefusal =
  | 'wrong-boot'
  | 'expired'
  | 'issued-in-future'
  | 'life-invalid'
  | 'unknown-order'
  | 'bad-args'
  | 'clock-untrusted'
  | 'no-such-output'
  | 'lockdown'
  | 'busy'
  | 'storage-full'

/** What the box knows of itself when it judges. */
export interface JudgeContext {
  readonly bootNonce: Uint8Array
  /** Unix seconds; never before what the centre has already said. */
  readonly now: number
  readonly isSynced: boolean
  /** Whether this scene has a door to open. */
  readonly hasOutput: boolean
  readonly isLockedDown: boolean
}

/** A centre's clock may be this far ahead of the box's, seconds. */
export const COMMAND_SKEW_SECONDS = 20

/** What comes of a true command. */
export type Judgement =
  | { readonly ok: true; readonly order: Order }
  | { readonly ok: false; readonly refusal: OrderRefusal }

/** May this authentic command be carried out, here and now? The first check that fails names the reason. */
export function judgeCommand(command: DeviceCommand, context: JudgeContext): Judgement {
  const untimely = timeRefusal(command, context)
  if (untimely !== null) return refuse(untimely)
  const order = readOrder(command)
  if (typeof order === 'string') return refuse(order)
  const unfit = stateRefusal(order, context)
  return unfit === null ? { ok: true, order } : refuse(unfit)
}

function refuse(refusal: OrderRefusal): Judgement {
  return { ok: false, refusal }
}

function timeRefusal(
  { bootNonce, issuedAt, expiresAt }: DeviceCommand,
  { bootNonce: own, now }: JudgeContext,
): OrderRefusal | null {
  if (!equalBytes(bootNonce, own)) return 'wrong-boot'
  if (now >= expiresAt) return 'expired'
  if (issuedAt > now + COMMAND_SKEW_SECONDS) return 'issued-in-future'
  return expiresAt <= issuedAt || expiresAt - issuedAt > MAX_COMMAND_SECONDS ? 'life-invalid' : null
}

function readOrder({ name, args }: DeviceCommand): Order | OrderRefusal {
  if (!isOrderName(name)) return 'unknown-order'
  const read = v.safeParse(ORDER_KINDS[name].args, args)
  return read.success ? ({ name, args: read.output } as Order) : 'bad-args'
}

/** What lets somebody in wants a clock with two witnesses, a door, and no lockdown. */
function stateRefusal({ name }: Order, { isSynced, hasOutput, isLockedDown }: JudgeContext): OrderRefusal | null {
  if (ORDER_KINDS[name].opens && !isSynced) return 'clock-untrusted'
  if (name !== 'open-once') return null
  if (!hasOutput) return 'no-such-output'
  return isLockedDown ? 'lockdown' : null
}
