import { fileURLToPath } from 'node:url'

/* From src/virtual and from dist/virtual alike. */
export const DEVICE_PROGRAM = fileURLToPath(new URL('../../../device/bin/ankang-device.mjs', import.meta.url))
export const CONTROLLER_PROGRAM = fileURLToPath(
  new URL('../../../controller/bin/ankang-controller.mjs', import.meta.url),
)
/** Every command of the house. */
export const ANKANG_PROGRAM = fileURLToPath(new URL('../../../device/bin/ankang.mjs', import.meta.url))
