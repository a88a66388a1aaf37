import { describe, expect, test } from 'vitest'
import { drawMap, type MapFacts } from '@/lib/factories/store-map'

function facts(over: Partial<MapFacts> = {}): MapFacts {
  const store = { runtimeId: 'r1', needsCredential: true }
  return {
    stores: [
      { ...store, id: 's1', name: 'lake', type: 'AzureBlobStorage' },
      { ...store, id: 's2', name: 'warehouse', type: 'PostgreSql' },
    ],
    nodes: [node('n1'), node('n2')],
    credentials: ['n1', 'n2'].flatMap((nodeId) =>
      ['s1', 's2'].map((storeId) => ({ nodeId, storeId, opened: true, error: null })),
    ),
    flows: [],
    outcomes: [],
    ...over,
  }
}

function node(id: string, state: MapFacts['nodes'][number]['state'] = 'Online') {
  return { id, displayName: id, runtimeId: 'r1', runtime: 'quay', state }
}

const states = (over: Partial<MapFacts>) =>
  drawMap(facts(over)).links.map(({ storeId, placeId, state }) => `${placeId} ${storeId} ${state}`)

describe('drawMap()', () => {
  test('puts databases and folders on the private side, object stores on the cloud side', () => {
    expect(drawMap(facts()).stores.map(({ name, side }) => [name, side])).toEqual([
      ['warehouse', 'private'],
      ['lake', 'cloud'],
    ])
  })

  test('says per node whether a store is idle, moved, failing, or waits for its credential', () => {
    expect(
      states({
        nodes: [node('n1'), node('n2'), node('n3'), node('n4', 'Offline')],
        flows: [{ nodeId: 'n1', storeId: 's2' }],
        outcomes: [{ nodeId: 'n2', storeId: 's2', problem: 'connection refused' }],
      }),
    ).toEqual([
      'n1 s1 idle',
      'n2 s1 idle',
      'n3 s1 waiting',
      'n4 s1 away',
      'n1 s2 flowing',
      'n2 s2 failing',
      'n3 s2 waiting',
      'n4 s2 away',
    ])
  })

  test('links a store only with the nodes of its own runtime', () => {
    const other = { ...node('n9'), runtimeId: 'r2', runtime: 'pier' }
    expect(states({ nodes: [other] })).toEqual([])
  })

  test('lets a runtime stand for its nodes where there are many', () => {
    const nodes = Array.from({ length: 40 }, (_, index) =>
      node(`n${index}`, index < 38 ? 'Online' : 'Offline'),
    )
    const map = drawMap(facts({ nodes }))
    expect(map.places).toEqual([
      { id: 'r1', name: 'quay', runtime: 'quay', nodeId: null, nodes: 40, online: 38 },
    ])
    expect(map.links).toHaveLength(2)
  })

  test('draws eight stores a side, those that fail or move first, and counts the rest', () => {
    const stores = Array.from({ length: 20 }, (_, index) => ({
      id: `s${index}`,
      name: `share-${String(index).padStart(2, '0')}`,
      type: 'FileServer' as const,
      runtimeId: 'r1',
      needsCredential: false,
    }))
    const map = drawMap(facts({ stores, flows: [{ nodeId: 'n1', storeId: 's19' }] }))
    expect(map.stores).toHaveLength(8)
    expect(map.stores.at(-1)?.id).toBe('s19')
    expect(map.moreStores).toBe(12)
  })
})
