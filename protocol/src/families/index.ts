/* The code families of this build, a line each: that line is all that adding one touches. */

export { ak1 } from './ak1.ts'
export { hc1 } from './hc1.ts'
export { jtt1179 } from './jtt1179.ts'
