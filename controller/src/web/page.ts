import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

/** The same place seen from src/web and from dist/web. */
const PUBLIC_FOLDER = fileURLToPath(new URL('../../public/', import.meta.url))

/**
 * Serves the page at /, and the files beside it that were there at the start: one route each, marked as the page's, so that no path
 * leads anywhere else.
 */
export const servePage: FastifyPluginAsync = async (server: FastifyInstance): Promise<void> => {
  server.addHook('onRoute', route => {
    route.config = { ...route.config, page: true }
  })
  await server.register(fastifyStatic, {
    root: PUBLIC_FOLDER,
    index: 'page.html',
    wildcard: false,
    dotfiles: 'ignore',
    cacheControl: true,
    maxAge: 0,
  })
}
