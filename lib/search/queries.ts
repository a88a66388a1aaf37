import { and, desc, eq, ilike, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { datasets, linkedServices, pipelines } from '@/drizzle/schema/authoring'
import { factories } from '@/drizzle/schema/factories'
import { pipelineRuns } from '@/drizzle/schema/runs'
import { nodes, runtimes } from '@/drizzle/schema/runtimes'
import type { Context } from '@/lib/command'
import { forbidden } from '@/lib/errors'
import { beginningWith, containing } from '@/lib/like'
import { selectNodes } from '@/lib/nodes/read'
import { paths } from '@/lib/paths'
import { factoriesWith, type Permission } from '@/lib/permissions'
import type { SearchHit, SearchKind } from '@/lib/search/schemas'

const perKind = 6
const longestQuery = 200

type Search = { ctx: Context; words: string[]; text: string }
type Finder = { permission: Permission; find: (search: Search) => Promise<Omit<SearchHit, 'kind'>[]> }

/** The things whose name holds every word, as far as the actor may see them; names that begin with the text come first. */
export async function search(ctx: Context, text: string): Promise<SearchHit[]> {
  const words = text.trim().toLowerCase().slice(0, longestQuery).split(/\s+/).filter(Boolean).slice(0, 8)
  const visible = factoriesWith(ctx.actor, 'factories.read')
  if (visible !== 'all' && visible.length === 0) throw forbidden('You may not see any factory')
  if (words.length === 0) return []
  const found: SearchHit[] = []
  for (const [kind, { permission, find }] of Object.entries(finders) as [SearchKind, Finder][]) {
    if (factoriesWith(ctx.actor, permission).length === 0) continue
    const hits = await find({ ctx, words, text: words.join(' ') })
    found.push(...hits.map((hit) => ({ kind, ...hit })))
  }
  return found
}

const finders: Record<SearchKind, Finder> = {
  factory: {
    permission: 'factories.read',
    find: async (search) => {
      const rows = await search.ctx.db
        .select({ name: factories.name, description: factories.description })
        .from(factories)
        .where(and(visibleIn(search, 'factories.read'), matches(search, factories.name)))
        .orderBy(...ranked(search, factories.name))
        .limit(perKind)
      return rows.map(({ name, description }) => ({
        label: name,
        href: paths.factory(name),
        ...(description && { detail: description.slice(0, 80) }),
      }))
    },
  },
  runtime: {
    permission: 'runtimes.read',
    find: async (search) => {
      const rows = await search.ctx.db
        .select({ name: runtimes.name, factory: factories.name })
        .from(runtimes)
        .innerJoin(factories, eq(factories.id, runtimes.factoryId))
        .where(and(visibleIn(search, 'runtimes.read'), matches(search, runtimes.name)))
        .orderBy(...ranked(search, runtimes.name))
        .limit(perKind)
      return rows.map(({ name, factory }) => inFactory(name, factory, paths.runtime(factory, name)))
    },
  },
  node: { permission: 'nodes.read', find: findNodes },
  linkedService: {
    permission: 'linkedServices.read',
    find: (search) => findAuthored(search, linkedServices, paths.linkedService),
  },
  dataset: {
    permission: 'datasets.read',
    find: (search) => findAuthored(search, datasets, paths.dataset),
  },
  pipeline: {
    permission: 'pipelines.read',
    find: (search) => findAuthored(search, pipelines, (factory, name) => paths.pipeline(factory, name)),
  },
  run: { permission: 'runs.read', find: findRuns },
}

async function findNodes(search: Search): Promise<Omit<SearchHit, 'kind'>[]> {
  const rows = await search.ctx.db
    .select({ id: nodes.id, runtime: runtimes.name, factory: factories.name })
    .from(nodes)
    .innerJoin(runtimes, eq(runtimes.id, nodes.runtimeId))
    .innerJoin(factories, eq(factories.id, runtimes.factoryId))
    .where(
      and(
        visibleIn(search, 'nodes.read'),
        isNull(nodes.removedAt),
        or(matches(search, nodes.displayName), matches(search, nodes.name)),
      ),
    )
    .orderBy(...ranked(search, nodes.displayName))
    .limit(perKind)
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const standing = new Map(
    (await selectNodes(search.ctx.db, inArray(nodes.id, ids))).map((node) => [node.id, node]),
  )
  return rows.flatMap(({ id, runtime, factory }) => {
    const node = standing.get(id)
    if (!node) return []
    const detail = `in ${factory}, ${runtime} · ${node.status.state}`
    return [{ label: node.displayName, detail, href: paths.node(factory, runtime, id) }]
  })
}

/** By the pipeline's name, or by the beginning of the run's id. */
async function findRuns(search: Search): Promise<Omit<SearchHit, 'kind'>[]> {
  const byId = /^[0-9a-f-]{4,36}$/.test(search.text)
    ? ilike(sql`${pipelineRuns.id}::text`, `${search.text}%`)
    : undefined
  const rows = await search.ctx.db
    .select({
      id: pipelineRuns.id,
      pipeline: pipelineRuns.pipelineName,
      status: pipelineRuns.status,
      factory: factories.name,
    })
    .from(pipelineRuns)
    .innerJoin(factories, eq(factories.id, pipelineRuns.factoryId))
    .where(and(visibleIn(search, 'runs.read'), or(matches(search, pipelineRuns.pipelineName), byId)))
    .orderBy(desc(pipelineRuns.queuedAt))
    .limit(perKind)
  return rows.map(({ id, pipeline, status, factory }) => ({
    label: `${pipeline} · ${id.slice(0, 8)}`,
    detail: `in ${factory} · ${status}`,
    href: paths.run(factory, id),
  }))
}

type Authored = typeof linkedServices | typeof datasets | typeof pipelines

async function findAuthored(
  search: Search,
  table: Authored,
  href: (factory: string, name: string) => string,
): Promise<Omit<SearchHit, 'kind'>[]> {
  const permission = authoredPermission(table)
  const rows = await search.ctx.db
    .select({ name: table.name, factory: factories.name })
    .from(table)
    .innerJoin(factories, eq(factories.id, table.factoryId))
    .where(and(visibleIn(search, permission), matches(search, table.name)))
    .orderBy(...ranked(search, table.name))
    .limit(perKind)
  return rows.map(({ name, factory }) => inFactory(name, factory, href(factory, name)))
}

function authoredPermission(table: Authored): Permission {
  if (table === linkedServices) return 'linkedServices.read'
  return table === datasets ? 'datasets.read' : 'pipelines.read'
}

function inFactory(label: string, factory: string, href: string): Omit<SearchHit, 'kind'> {
  return { label, detail: `in ${factory}`, href }
}

/** The factories of the actor's tenant in which it holds the permission. */
function visibleIn({ ctx }: Search, permission: Permission): SQL | undefined {
  const which = factoriesWith(ctx.actor, permission)
  return and(
    eq(factories.tenantId, ctx.actor.tenantId),
    which === 'all' ? undefined : inArray(factories.id, [...which]),
  )
}

function matches({ words }: Search, column: PgColumn): SQL | undefined {
  return and(...words.map((word) => ilike(column, containing(word))))
}

function ranked({ text }: Search, column: PgColumn): SQL[] {
  return [desc(ilike(column, beginningWith(text))), sql`lower(${column})`]
}
