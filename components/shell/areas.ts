import { paths } from '@/lib/paths'

/** One place of the portal that the rail, the palette and the keyboard lead to; `key` follows `g`. */
export type Area = { id: AreaId; label: string; href: string; key: string }
export type AreaId =
  | 'factories'
  | 'overview'
  | 'runtimes'
  | 'linked-services'
  | 'datasets'
  | 'pipelines'
  | 'runs'
  | 'audit'
  | 'account'

/** The areas of one factory. */
export function factoryAreas(factory: string): Area[] {
  return [
    { id: 'overview', label: 'Overview', href: paths.factory(factory), key: 'o' },
    { id: 'runtimes', label: 'Runtimes', href: paths.runtimes(factory), key: 'r' },
    { id: 'linked-services', label: 'Linked services', href: paths.linkedServices(factory), key: 'l' },
    { id: 'datasets', label: 'Datasets', href: paths.datasets(factory), key: 'd' },
    { id: 'pipelines', label: 'Pipelines', href: paths.pipelines(factory), key: 'p' },
    { id: 'runs', label: 'Runs', href: paths.runs(factory), key: 'u' },
  ]
}

/** The areas of the tenant, whatever factory is open. */
export const tenantAreas: Area[] = [
  { id: 'factories', label: 'Factories', href: paths.factories(), key: 'f' },
  { id: 'audit', label: 'Audit', href: paths.audit(), key: 'a' },
  { id: 'account', label: 'Account', href: paths.account(), key: 'm' },
]

/** The area that a path lies in: the longest address that begins it. Copying data makes a pipeline. */
export function areaOf(pathname: string, areas: readonly Area[]): Area | undefined {
  if (/^\/factories\/[^/]+\/copy$/.test(pathname)) return areas.find(({ id }) => id === 'pipelines')
  return areas
    .filter(({ href }) => pathname === href || pathname.startsWith(`${href}/`))
    .toSorted((a, b) => b.href.length - a.href.length)[0]
}
