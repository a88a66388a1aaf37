import { formatQuantity } from '@/lib/format'
import type { MapLink, MapPlace, StoreMap } from '@/lib/factories/store-map'

export type MapWords = { text: string; bad: boolean }

/** How a store stands with the nodes, in a few words: the lines of the map say it again. */
export function storeWords(storeId: string, { links, places }: StoreMap): MapWords {
  const own = links.filter((link) => link.storeId === storeId)
  const has = (state: MapLink['state']) => own.some((link) => link.state === state)
  const failing = own.filter(({ state }) => state === 'failing')
  if (failing.length > 0) {
    const names = failing.map(({ placeId }) => places.find(({ id }) => id === placeId)?.name ?? '')
    return { text: `not reached from ${names.join(', ')}`, bad: true }
  }
  if (own.length === 0) return { text: 'no node yet', bad: false }
  if (has('flowing')) return { text: 'copying now', bad: false }
  if (has('idle')) return { text: 'within reach', bad: false }
  return { text: has('waiting') ? 'credential not opened yet' : 'no node online', bad: !has('waiting') }
}

export function placeWords({ nodeId, online, nodes }: MapPlace): MapWords {
  if (nodeId !== null) return { text: online > 0 ? 'online' : 'not online', bad: online === 0 }
  return { text: `${online} of ${formatQuantity(nodes, 'node')} online`, bad: online === 0 }
}
