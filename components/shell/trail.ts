import { paths } from '@/lib/paths'
import { areaOf, factoryAreas, tenantAreas } from './areas'

export type Crumb = { label: string; href: string }

/** Areas whose things are addressed by name; others are told by their page's title. */
const named = new Set(['runtimes', 'linked-services', 'datasets', 'pipelines'])

/** The factory that a path lies in. */
export function factoryOf(pathname: string): string | null {
  const [root, factory] = segmentsOf(pathname)
  return root === 'factories' && factory ? factory : null
}

/** Where a page is, from its path: factory, area, and the named thing. */
export function trailOf(pathname: string): Crumb[] {
  const factory = factoryOf(pathname)
  if (!factory) {
    const area = areaOf(pathname, tenantAreas)
    return area ? [{ label: area.label, href: area.href }] : []
  }
  const crumbs: Crumb[] = [{ label: factory, href: paths.factory(factory) }]
  if (pathname === paths.copyWizard(factory)) return [...crumbs, { label: 'Copy data', href: pathname }]
  const area = areaOf(pathname, factoryAreas(factory))
  if (!area || area.id === 'overview') return crumbs
  crumbs.push({ label: area.label, href: area.href })
  const name = segmentsOf(pathname)[3]
  if (name && named.has(area.id))
    crumbs.push({ label: name, href: `${area.href}/${encodeURIComponent(name)}` })
  return crumbs
}

function segmentsOf(pathname: string): string[] {
  return pathname.split('/').slice(1).map(decode)
}

/** An address may be typed by hand, and then be no valid encoding. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
