import {
  type BusPosition,
  type CborMap,
  type Decoded,
  decodeRide,
  isCalendarDay,
  type RecordBody,
  type Ride,
} from '@ankang/protocol'

export const BUS = 'bus'

/** The largest limit a ride code can carry (three bytes of fen). Up to it, sums of 10⁸ rides stay exact integers. */
export const MAX_FARE_FEN = 0xff_ffff

/** As the policy and the vehicle's sentences have them: no text of another form gets into a statement. */
const OPERATOR = /^[a-z0-9-]{1,40}$/
const LINE = /^[A-Za-z0-9-]{1,16}$/
const FARE_CLASS = /^[a-z][a-z-]{0,19}$/
/** Numbers of persons and telephones are that long; lines are not. */
const LONG_NUMBER = /\d{7}/

/** The line as it may be shown; null where it is unknown, or might be a person's number. The ride counts all the same. */
export function lineToShow(position: BusPosition | null): string | null {
  return position === null || LONG_NUMBER.test(position.line) ? null : position.line
}

/** Whether a record is a ride: only an admitted showing cost anything. */
export function isRide({ type, scene, outcome }: RecordBody): boolean {
  return type === 'showing' && scene === BUS && outcome === 'admit'
}

/** What speaks against settling a ride that could be decoded; null where nothing does. */
function faultOf({ operator, position, fareClass, fullFareFen, chargedFen, day }: Ride): string | null {
  if (!OPERATOR.test(operator)) return 'operator of another form'
  if (position !== null && !LINE.test(position.line)) return 'line of another form'
  if (!FARE_CLASS.test(fareClass)) return 'fare class of another form'
  if (fullFareFen > MAX_FARE_FEN) return `fare over ${MAX_FARE_FEN} fen`
  if (chargedFen > fullFareFen) return 'charged more than the full fare'
  return isCalendarDay(day) ? null : 'no day of the calendar'
}

/** The ride in a scene map, if it can be settled. Details name no value: it may be anything. */
export function readRide(sceneMap: CborMap | undefined): Decoded<Ride> {
  const ride = decodeRide(sceneMap)
  if (!ride.ok) return ride
  const detail = faultOf(ride.value)
  return detail === null ? ride : { ok: false, detail }
}
