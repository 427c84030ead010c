import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** The same place seen from src/web and from dist/web. */
const PUBLIC_FOLDER = fileURLToPath(new URL('../../public/', import.meta.url))

/** Serves the live page at /, and its two files beside it. */
export async function servePage(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, { root: PUBLIC_FOLDER, index: 'page.html', cacheControl: true, maxAge: 0 })
}
