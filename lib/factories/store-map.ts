import type { NodeState } from '@/lib/nodes/schemas'
import type { StoreType } from '@/lib/protocol/stores'

/** Which stores the nodes of a factory reach, for the map on its first page. */
export type StoreMap = {
  stores: MapStore[]
  /** Nodes, or whole runtimes where there are too many nodes to draw. */
  places: MapPlace[]
  links: MapLink[]
  /** Stores that are not drawn. */
  moreStores: number
}
export type MapStore = { id: string; name: string; type: StoreType; side: 'private' | 'cloud' }
export type MapPlace = {
  id: string
  name: string
  runtime: string
  /** Null for a runtime with its nodes. */
  nodeId: string | null
  online: number
  nodes: number
}
/** `away`: no node there is online; `waiting`: none has opened the credential yet. */
export type MapLink = {
  storeId: string
  placeId: string
  state: 'idle' | 'flowing' | 'failing' | 'waiting' | 'away'
  problem: string | null
}

export type MapFacts = {
  stores: { id: string; name: string; type: StoreType; runtimeId: string; needsCredential: boolean }[]
  nodes: { id: string; displayName: string; runtimeId: string; runtime: string; state: NodeState }[]
  /** Per node and store: whether its credential is open, and why not. */
  credentials: { nodeId: string; storeId: string; opened: boolean; error: string | null }[]
  /** Per node and store: what moves now, and how the newest look at it ended. */
  flows: { nodeId: string; storeId: string }[]
  outcomes: { nodeId: string; storeId: string; problem: string | null }[]
}

const mostNodes = 8
const mostPerSide = 8
const gravity = ['failing', 'flowing', 'idle', 'waiting', 'away'] as const

/** Beyond eight nodes a runtime stands for its nodes; of many stores those that are moved or failing are shown first. */
export function drawMap(facts: MapFacts): StoreMap {
  const groups = groupNodes(facts.nodes)
  const links = facts.stores.flatMap((store) =>
    groups
      .filter(({ runtimeId }) => runtimeId === store.runtimeId)
      .map((group) => linkOf(store, group, facts)),
  )
  const rank = (storeId: string) =>
    Math.min(
      ...links.filter((link) => link.storeId === storeId).map(({ state }) => gravity.indexOf(state)),
      9,
    )
  const all = facts.stores.map(({ id, name, type }) => ({ id, name, type, side: sideOf(type) }))
  const stores = (['private', 'cloud'] as const).flatMap((side) =>
    all
      .filter((store) => store.side === side)
      .toSorted((a, b) => rank(a.id) - rank(b.id))
      .slice(0, mostPerSide)
      .toSorted((a, b) => all.indexOf(a) - all.indexOf(b)),
  )
  const shown = new Set(stores.map(({ id }) => id))
  return {
    stores,
    places: groups.map(({ id, name, runtime, nodeId, members }) => ({
      id,
      name,
      runtime,
      nodeId,
      nodes: members.length,
      online: members.filter(({ state }) => state === 'Online').length,
    })),
    links: links.filter(({ storeId }) => shown.has(storeId)),
    moreStores: all.length - stores.length,
  }
}

/** A folder and a database are private; object stores live in a cloud. */
function sideOf(type: StoreType): MapStore['side'] {
  return type === 'AzureBlobStorage' ? 'cloud' : 'private'
}

type Group = Pick<MapPlace, 'id' | 'name' | 'runtime' | 'nodeId'> & {
  runtimeId: string
  members: MapFacts['nodes']
}

function groupNodes(nodes: MapFacts['nodes']): Group[] {
  if (nodes.length <= mostNodes)
    return nodes.map((node) => ({
      id: node.id,
      name: node.displayName,
      runtime: node.runtime,
      nodeId: node.id,
      runtimeId: node.runtimeId,
      members: [node],
    }))
  const groups = new Map<string, Group>()
  for (const node of nodes) {
    const { runtimeId, runtime } = node
    const group = groups.get(runtimeId) ?? {
      id: runtimeId,
      name: runtime,
      runtime,
      nodeId: null,
      runtimeId,
      members: [],
    }
    group.members.push(node)
    groups.set(runtimeId, group)
  }
  return [...groups.values()]
}

function linkOf(store: MapFacts['stores'][number], group: Group, facts: MapFacts): MapLink {
  const ids = new Set(group.members.map(({ id }) => id))
  const here = (entry: { nodeId: string; storeId: string }) =>
    entry.storeId === store.id && ids.has(entry.nodeId)
  const credentials = facts.credentials.filter(here)
  const problem =
    facts.outcomes.find((outcome) => here(outcome) && outcome.problem !== null)?.problem ??
    credentials.find(({ error }) => error !== null)?.error ??
    null
  const link = { storeId: store.id, placeId: group.id }
  if (!group.members.some(({ state }) => state === 'Online')) return { ...link, state: 'away', problem: null }
  if (facts.flows.some(here)) return { ...link, state: 'flowing', problem: null }
  if (problem !== null) return { ...link, state: 'failing', problem }
  const open = !store.needsCredential || credentials.some(({ opened }) => opened)
  return { ...link, state: open ? 'idle' : 'waiting', problem: null }
}
