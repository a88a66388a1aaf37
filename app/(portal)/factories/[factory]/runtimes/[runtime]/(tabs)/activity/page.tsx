import { portalPage } from '@/app/portal-page'
import { readBefore, type SearchParams } from '@/app/search-params'
import { ActivityTable } from '@/components/audit/activity-table'
import { listRuntimeActivity } from '@/lib/audit/queries'
import { paths } from '@/lib/paths'
import { getRuntimeByName } from '@/lib/runtimes/queries'

type ActivityPageProps = {
  params: Promise<{ factory: string; runtime: string }>
  searchParams: SearchParams
}

export default async function ActivityPage({ params, searchParams }: ActivityPageProps) {
  const { factory, runtime: name } = await params
  const before = await readBefore(searchParams)
  return portalPage(async (ctx) => {
    const runtime = await getRuntimeByName(ctx, factory, name)
    return (
      <ActivityTable
        page={await listRuntimeActivity(ctx, runtime.id, before)}
        path={paths.runtime(runtime.factoryName, runtime.name, 'activity')}
        before={before}
      />
    )
  })
}
