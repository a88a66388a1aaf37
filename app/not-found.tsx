import type { Metadata } from 'next'
import { FailurePage } from '@/components/shell/failure-page'
import { ButtonLink } from '@/components/ui/button'
import { paths } from '@/lib/paths'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <FailurePage
      title="There is nothing here"
      actions={
        <ButtonLink variant="primary" href={paths.factories()}>
          Go to factories
        </ButtonLink>
      }
    >
      The address is wrong, the thing was deleted or renamed, or it belongs to an organisation that you are
      not a member of.
    </FailurePage>
  )
}
