import type { CityPlatform } from '../city/city-platform.ts'
import type { SeededDraw } from '../city/seeded-draw.ts'
import { ENOUGH_FEN } from '../home/bus-lines.ts'
import type { RidePlatform } from '../ride/ride-platform.ts'
import type { Rider } from '../ride/rider.ts'
import type { BusStage } from './bus-scenario.ts'
import type { Interchange } from './interchange.ts'
import { stageMaker } from './schedule.ts'
import { Turns } from './turns.ts'

/** Behind the platform's population come the cards that were lost. */
const BEYOND_LOST_CARDS = 1000

export interface BusStageOptions {
  readonly city: CityPlatform
  readonly rides: RidePlatform
  readonly site: string
  readonly draw: SeededDraw
  /** Shared by the buses that passengers change between. */
  readonly interchange: Interchange
}

/**
 * Makes stages on which no account comes twice to one bus. Riders are accounts without number, opened for this run: a bus remembers for
 * minutes who has paid, and must not meet those of an earlier run again.
 */
export function busStageMaker({
  city,
  rides,
  site,
  draw,
  interchange,
}: BusStageOptions): (now: number, fullFareFen: number) => BusStage {
  const stageAt = stageMaker(city, site, draw)
  const turns = new Turns<Rider>(() => rides.population + BEYOND_LOST_CARDS + draw.uint32())
  const riderOf: BusStage['rider'] = (type, issuer = 'county') =>
    turns.take(`${issuer} ${type}`, from => {
      for (let index = from; ; index++) {
        const rider = rides.rider(index)
        if (rider.type === type && rider.issuer === issuer && rider.singleRideLimitFen >= ENOUGH_FEN) return rider
      }
    })
  return (now, fullFareFen) => ({
    ...stageAt(now),
    rides,
    fullFareFen,
    rider: riderOf,
    changing: () => interchange.board(site) ?? riderOf('ordinary'),
    rode: rider => interchange.arrive(site, rider),
  })
}
