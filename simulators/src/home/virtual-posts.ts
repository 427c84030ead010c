import type { BusLineName } from './bus-lines.ts'

interface Post {
  readonly device: string
  readonly site: string
  readonly reader: 'scanner' | 'camera'
}

/** A door of the hall. */
export interface HallDoor extends Post {
  readonly scene: 'hall-door'
}

/** A bus with its validator. */
export interface Bus extends Post {
  readonly scene: 'bus'
  readonly line: BusLineName
}

/** Where a virtual device stands, and what it reads with. */
export type VirtualPost = HallDoor | Bus

export const HALL_DOORS = [
  { scene: 'hall-door', device: 'hall-door-1', site: 'hall', reader: 'scanner' },
  { scene: 'hall-door', device: 'hall-door-2', site: 'hall', reader: 'camera' },
] as const satisfies readonly HallDoor[]

export const BUSES = [
  { scene: 'bus', device: 'bus-1', site: 'bus-8', reader: 'scanner', line: '8' },
  { scene: 'bus', device: 'bus-2', site: 'bus-9', reader: 'camera', line: '9' },
] as const satisfies readonly Bus[]

/** Every device of the virtual county. */
export const VIRTUAL_POSTS: readonly VirtualPost[] = [...HALL_DOORS, ...BUSES]
