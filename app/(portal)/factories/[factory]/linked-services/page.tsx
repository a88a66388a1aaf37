import { Plug } from 'lucide-react'
import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { readQuery, type SearchParams } from '@/app/search-params'
import { CreateLinkedServiceButton } from '@/components/linked-services/create-linked-service-button'
import { LinkedServicesTable } from '@/components/linked-services/linked-services-table'
import { namePaging } from '@/components/table/name-paging'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { listLinkedServices, listRuntimeVaults } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'
import { whyNot } from '@/lib/permissions'
import { loadFactory } from '../load'

export const metadata: Metadata = { title: 'Linked services' }
type PageProps = { params: Promise<{ factory: string }>; searchParams: SearchParams }

export default async function LinkedServicesPage({ params, searchParams }: PageProps) {
  const { q, after } = await readQuery(searchParams)
  return portalPage(async (ctx) => {
    const factory = await loadFactory(ctx, (await params).factory)
    const [page, vaults] = await Promise.all([
      listLinkedServices(ctx, factory, { q, after }),
      listRuntimeVaults(ctx, factory),
    ])
    const refusal = whyNot(ctx.actor, 'linkedServices.write', {
      tenantId: factory.tenantId,
      factoryId: factory.id,
    })
    const create = (
      <CreateLinkedServiceButton
        factory={{ id: factory.id, name: factory.name }}
        vaults={vaults}
        disabledReason={refusal}
      />
    )
    const none = page.total === 0 && q === ''
    return (
      <>
        <PageHeader
          title="Linked services"
          description="How the nodes of a runtime reach your stores. Secrets are sealed in the browser for the nodes."
          actions={none ? undefined : create}
        />
        <PageBody>
          <LinkedServicesTable
            factory={factory.name}
            linkedServices={page.rows}
            paging={namePaging(page, {
              path: paths.linkedServices(factory.name),
              q,
              after,
              what: ['linked service', 'linked services'],
            })}
            empty={
              none ? (
                <EmptyState
                  icon={<Plug aria-hidden />}
                  title="No linked service yet"
                  action={
                    vaults.total > 0 ? (
                      create
                    ) : (
                      <ButtonLink variant="primary" href={paths.runtimes(factory.name)}>
                        Create an integration runtime first
                      </ButtonLink>
                    )
                  }
                >
                  A linked service says where a store is and who signs in, for the nodes of an integration
                  runtime.
                </EmptyState>
              ) : null
            }
          />
        </PageBody>
      </>
    )
  })
}
