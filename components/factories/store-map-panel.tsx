import { clsx } from 'clsx'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { StoreIcon } from '@/components/stores/store-kind'
import { ButtonLink } from '@/components/ui/button'
import { Panel } from '@/components/ui/panel'
import type { MapLink, MapStore, StoreMap } from '@/lib/factories/store-map'
import { formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'
import { type MapWords, placeWords, storeWords } from './map-words'

/** Private stores, nodes, cloud stores, and what a node reaches; what is copied moves. */
export function StoreMapPanel({ factory, map }: { factory: string; map: StoreMap }) {
  const { moreStores } = map
  return (
    <Panel
      title="Stores and nodes"
      actions={
        <ButtonLink size="sm" href={paths.linkedServices(factory)}>
          {moreStores > 0 ? formatQuantity(moreStores, 'more store') : 'Linked services'}
        </ButtonLink>
      }
    >
      <div className={clsx(columns, 'mb-2 text-xs text-fg-muted')}>
        <h3 className="col-start-1">Private stores</h3>
        <h3 className="col-start-3">Nodes</h3>
        <h3 className="col-start-5">Cloud stores</h3>
      </div>
      <Drawing factory={factory} map={map} />
    </Panel>
  )
}

/** The lines' ends in `MapLines` are these shares. */
const columns = 'grid grid-cols-[29fr_8fr_26fr_8fr_29fr]'
const edges = { private: [29, 37], cloud: [71, 63] } as const
const [boxHeight, gap] = [48, 8]

function Drawing({ factory, map }: { factory: string; map: StoreMap }) {
  const { stores, places } = map
  const side = (wanted: MapStore['side']) => stores.filter((store) => store.side === wanted)
  const storeBox = ({ id, name, type }: MapStore) => (
    <Box
      key={id}
      name={name}
      href={paths.linkedService(factory, name)}
      icon={<StoreIcon type={type} />}
      words={storeWords(id, map)}
    />
  )
  return (
    <div className={clsx(columns, 'relative')}>
      <MapLines map={map} />
      <Column className="col-start-1" none={<None href={newStore(factory)}>Link a store</None>}>
        {side('private').map(storeBox)}
      </Column>
      <Column className="col-start-3" none={<None href={paths.runtimes(factory)}>Install a node</None>}>
        {places.map((place) => (
          <Box
            key={place.id}
            name={place.name}
            href={
              place.nodeId === null
                ? paths.runtime(factory, place.runtime)
                : paths.node(factory, place.runtime, place.nodeId)
            }
            words={placeWords(place)}
          />
        ))}
      </Column>
      <Column className="col-start-5" none={<None href={newStore(factory)}>Link a store</None>}>
        {side('cloud').map(storeBox)}
      </Column>
    </div>
  )
}

function newStore(factory: string): string {
  return `${paths.linkedServices(factory)}?new=1`
}

function Column({
  className,
  none,
  children,
}: {
  className: string
  none: ReactNode
  children: ReactNode[]
}) {
  return (
    <ul className={clsx('flex min-w-0 flex-col justify-center gap-2', className)}>
      {children.length > 0 ? children : none}
    </ul>
  )
}

type BoxProps = { name: string; href: string; icon?: ReactNode; words: MapWords }

function Box({ name, href, icon, words }: BoxProps) {
  return (
    <li className="relative flex h-12 min-w-0 items-center gap-2 rounded-md border bg-panel px-2 hover:bg-hover sm:px-3 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-fg-muted [&>svg]:max-sm:hidden">
      {icon}
      <div className="min-w-0 flex-1">
        <Link href={href} className="block truncate text-sm font-medium after:absolute after:inset-0">
          {name}
        </Link>
        <p className={clsx('truncate text-xs', words.bad ? 'text-bad-text' : 'text-fg-muted')}>
          {words.text}
        </p>
      </div>
    </li>
  )
}

function None({ href, children }: { href: string; children: ReactNode }) {
  return (
    <li className="relative flex h-12 min-w-0 items-center rounded-md border border-dashed px-2 sm:px-3">
      <Link href={href} className="text-sm leading-4 text-accent-text after:absolute after:inset-0">
        {children}
      </Link>
    </li>
  )
}

const strokes: Record<MapLink['state'], string> = {
  flowing: 'stroke-accent-border stroke-2 [stroke-dasharray:6_4] animate-travel',
  failing: 'stroke-bad-border [stroke-dasharray:5_4]',
  idle: 'stroke-neutral-8',
  waiting: 'stroke-neutral-7 [stroke-dasharray:1_4]',
  away: 'stroke-neutral-7 [stroke-dasharray:1_4]',
}

/** Behind the boxes, whose words say the same. */
function MapLines({ map: { stores, places, links } }: { map: StoreMap }) {
  const ids = { private: idsOf(stores, 'private'), cloud: idsOf(stores, 'cloud') }
  const placeIds = places.map(({ id }) => id)
  const rows = Math.max(ids.private.length, ids.cloud.length, placeIds.length, 1)
  const height = rows * (boxHeight + gap) - gap
  // Each column stands in the middle of the tallest.
  const middle = (index: number, count: number) =>
    ((rows - count) / 2 + index) * (boxHeight + gap) + boxHeight / 2
  return (
    <svg
      aria-hidden
      viewBox={`0 0 100 ${height}`}
      preserveAspectRatio="none"
      className="absolute inset-0 size-full fill-none"
    >
      {links.map(({ storeId, placeId, state }) => {
        const side = ids.private.includes(storeId) ? 'private' : 'cloud'
        const [from, to] = edges[side]
        const top = middle(ids[side].indexOf(storeId), ids[side].length)
        const bottom = middle(placeIds.indexOf(placeId), placeIds.length)
        const bend = (from + to) / 2
        return (
          <path
            key={`${storeId} ${placeId}`}
            d={`M${from} ${top}C${bend} ${top} ${bend} ${bottom} ${to} ${bottom}`}
            vectorEffect="non-scaling-stroke"
            className={strokes[state]}
          />
        )
      })}
    </svg>
  )
}

function idsOf(stores: readonly MapStore[], side: MapStore['side']): string[] {
  return stores.filter((store) => store.side === side).map(({ id }) => id)
}
