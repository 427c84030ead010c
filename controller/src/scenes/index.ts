/* The scenes this centre knows, a line each: that line is all that adding one touches. */

export { bus } from './bus.ts'
export { hallDoor } from './hall-door.ts'
