import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PostgresServer, startPostgres } from '@/lib/db/postgres-server'
import { ensureLinkedService, ensureWorkplace, type Workplace } from '@/server/stack/authoring'
import { privateStore } from '@/server/demo/definitions'
import type { NodeProcess } from '@/server/stack/node-process'
import { awaitVault, type NodeDraft, startNode } from '@/server/stack/nodes'
import { type PortalProcess, startPortalProcess } from '@/server/portal-process'
import { openStack, type Stack } from '@/server/stack/stack'

/** Short, so that a lost node costs seconds; a pause outlasts it. */
export const leaseSeconds = 5

/** Everything that can be killed: portal, its database, the stores' server and the nodes, each a process of its own. */
export class Arena {
  readonly dataDir: string
  readonly stack: Stack
  readonly place: Workplace
  readonly nodes: NodeProcess[]
  readonly folder: string
  #portal: PortalProcess
  #database: PostgresServer
  #stores: PostgresServer

  private constructor(parts: {
    dataDir: string
    stack: Stack
    place: Workplace
    nodes: NodeProcess[]
    folder: string
    database: PostgresServer
    stores: PostgresServer
  }) {
    this.dataDir = parts.dataDir
    this.stack = parts.stack
    this.place = parts.place
    this.nodes = parts.nodes
    this.folder = parts.folder
    this.#portal = parts.stack.portal
    this.#database = parts.database
    this.#stores = parts.stores
  }

  static async open(
    dataDir: string,
    options: { nodes: number; agentFile?: string; port: number },
  ): Promise<Arena> {
    const database = await startPostgres({ dataDir: join(dataDir, 'portal-database') })
    const stores = await startPostgres({ dataDir: join(dataDir, 'stores') })
    const stack = await openStack({ dataDir, port: options.port, settings: { DATABASE_URL: database.url } })
    const place = await ensureWorkplace(stack, { factory: 'chaos', runtime: 'chaos', leaseSeconds })
    const folder = join(dataDir, 'files')
    const nodes: NodeProcess[] = []
    for (let index = 1; index <= options.nodes; index += 1) {
      const draft: NodeDraft = {
        name: `chaos-${index}`,
        by: 'link',
        slots: 3,
        allowFolders: [resolve(folder)],
        dataDir: join(dataDir, 'nodes'),
        ...(options.agentFile && { agentFile: options.agentFile }),
      }
      nodes.push(await startNode(stack, place, draft))
      await awaitVault(stack, place, index)
    }
    const arena = new Arena({ dataDir, stack, place, nodes, folder, database, stores })
    await arena.#addStores()
    return arena
  }

  get storesUrl(): string {
    return this.#stores.url
  }

  async #addStores(): Promise<void> {
    const url = new URL(this.storesUrl)
    const secret = { kind: 'password', password: decodeURIComponent(url.password) } as const
    await ensureLinkedService(this.stack, this.place, {
      name: 'stores',
      definition: privateStore(url, this.place.runtime.name),
      secret,
    })
    const connectVia = {
      referenceName: this.place.runtime.name,
      type: 'IntegrationRuntimeReference',
    } as const
    await ensureLinkedService(this.stack, this.place, {
      name: 'files',
      definition: { type: 'FileServer', connectVia, typeProperties: { host: resolve(this.folder) } },
      secret: null,
    })
  }

  async crashPortal(awayMs: number): Promise<void> {
    await this.#portal.kill()
    await sleep(awayMs)
    this.#portal = await startPortalProcess(this.stack.settings, join(this.dataDir, 'portal.log'))
  }

  async crashDatabase(awayMs: number): Promise<void> {
    const { port } = this.#database
    await this.#database.kill()
    await sleep(awayMs)
    this.#database = await startPostgres({ dataDir: join(this.dataDir, 'portal-database'), port })
  }

  async crashStores(awayMs: number): Promise<void> {
    const { port } = this.#stores
    await this.#stores.kill()
    await sleep(awayMs)
    this.#stores = await startPostgres({ dataDir: join(this.dataDir, 'stores'), port })
  }

  async close(): Promise<void> {
    for (const node of this.nodes) node.resume()
    await Promise.all(this.nodes.map((node) => node.kill()))
    await this.stack.db.$client.end()
    await this.#portal.stop()
    await this.#database.stop()
    await this.#stores.stop()
  }
}

/** Asks until it answers: the portal's database may be away at this moment. */
export async function insist<Result>(ask: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + 120_000
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(200)
    }
  }
}
