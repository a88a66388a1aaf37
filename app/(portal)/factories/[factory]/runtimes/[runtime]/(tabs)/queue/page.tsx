import { portalPage } from '@/app/portal-page'
import { QueueTable } from '@/components/runtimes/queue-table'
import { getRuntimeByName, getRuntimeLive } from '@/lib/runtimes/queries'

type QueuePageProps = { params: Promise<{ factory: string; runtime: string }> }

export default async function QueuePage({ params }: QueuePageProps) {
  const { factory, runtime: name } = await params
  return portalPage(async (ctx) => {
    const { id, name: runtimeName, factoryName } = await getRuntimeByName(ctx, factory, name)
    return (
      <QueueTable
        factory={factoryName}
        runtime={{ id, name: runtimeName }}
        initial={await getRuntimeLive(ctx, id, { queue: true })}
      />
    )
  })
}
