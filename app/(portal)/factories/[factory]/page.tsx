import { ArrowRightLeft } from 'lucide-react'
import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { FactoryActions } from '@/components/factories/factory-actions'
import { FactoryOverview } from '@/components/factories/factory-overview'
import { PageBody, PageHeader } from '@/components/shell/page-header'
import { Badge } from '@/components/ui/badge'
import { ButtonLink } from '@/components/ui/button'
import { getFactoryContents, getFactoryOverview } from '@/lib/factories/queries'
import { paths } from '@/lib/paths'
import { whyNot } from '@/lib/permissions'
import { loadFactory } from './load'

type FactoryPageProps = { params: Promise<{ factory: string }> }

export async function generateMetadata({ params }: FactoryPageProps): Promise<Metadata> {
  return { title: (await params).factory }
}

export default async function FactoryPage({ params }: FactoryPageProps) {
  const { factory: factoryName } = await params
  return portalPage(async (ctx) => {
    const { id, name, description, tags, tenantId } = await loadFactory(ctx, factoryName)
    const scope = { tenantId, factoryId: id }
    const contents = await getFactoryContents(ctx, id)
    return (
      <>
        <PageHeader
          title={name}
          description={description || undefined}
          state={Object.entries(tags).map(([tag, value]) => (
            <Badge key={tag}>{value ? `${tag}: ${value}` : tag}</Badge>
          ))}
          actions={
            <>
              <ButtonLink
                variant="primary"
                icon={<ArrowRightLeft aria-hidden />}
                href={paths.copyWizard(name)}
              >
                Copy data
              </ButtonLink>
              <FactoryActions
                factory={{ id, name, description, tags, contents }}
                whyNot={{
                  edit: whyNot(ctx.actor, 'factories.write', scope),
                  remove: whyNot(ctx.actor, 'factories.delete', scope),
                }}
              />
            </>
          }
        />
        <PageBody>
          <FactoryOverview factory={name} initial={await getFactoryOverview(ctx, id)} />
        </PageBody>
      </>
    )
  })
}
