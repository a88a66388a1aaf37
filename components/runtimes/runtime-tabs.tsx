import { Tabs } from '@/components/ui/tabs'
import { paths, type RuntimeTab, runtimeTabs } from '@/lib/paths'

const labels: Record<RuntimeTab, string> = {
  nodes: 'Nodes',
  install: 'Install and keys',
  queue: 'Queue',
  settings: 'Settings',
  activity: 'Activity',
}

export function RuntimeTabs({
  factory,
  runtime,
  nodes,
}: {
  factory: string
  runtime: string
  nodes: number
}) {
  return (
    <Tabs
      label={`Parts of ${runtime}`}
      tabs={runtimeTabs.map((tab) => ({
        href: paths.runtime(factory, runtime, tab),
        label: labels[tab],
        count: tab === 'nodes' && nodes > 0 ? nodes : undefined,
      }))}
    />
  )
}
