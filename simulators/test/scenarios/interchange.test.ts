import { describe, expect, it } from 'vitest'
import type { Rider } from '../../src/ride/rider.ts'
import { Interchange } from '../../src/scenarios/interchange.ts'
import { testRides } from '../fixtures/test-rides.ts'

const rides = testRides(100)
const rider = (index: number): Rider => rides.rider(index)

describe('an interchange', () => {
  it('gives to each bus whom another one brought, once, in the order they came', () => {
    const interchange = new Interchange()
    for (const index of [1, 2]) interchange.arrive('bus-8', rider(index))
    interchange.arrive('bus-9', rider(3))
    expect(interchange.board('bus-9')).toEqual(rider(1))
    expect(interchange.board('bus-8')).toEqual(rider(3))
    expect(interchange.board('bus-8')).toBeNull()
    expect(interchange.board('bus-9')).toEqual(rider(2))
    expect(interchange.board('bus-9')).toBeNull()
  })

  it('is not waited at for ever', () => {
    const interchange = new Interchange()
    for (let index = 0; index < 50; index++) interchange.arrive('bus-8', rider(index))
    expect(interchange.board('bus-9')).toEqual(rider(30))
  })
})
