/*
 * npm run bundle -- [--out device/dist/bundle]
 *
 * Bundles the device program and its decode worker, and prints their sizes as one JSON line.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleDevice } from './boundaries/device-bundle.ts'

const { values } = parseArgs({ options: { out: { type: 'string', default: 'device/dist/bundle' } } })
const root = resolve(import.meta.dirname, '..')
const { bytes, modules } = await bundleDevice(root, resolve(values.out))
console.log(JSON.stringify({ out: values.out, bytes, modules: modules.length }))
