/* The scenes this box can serve, a line each: that line is all that adding one touches. */

export { bus } from './bus.ts'
export { hallDoor } from './hall-door.ts'
