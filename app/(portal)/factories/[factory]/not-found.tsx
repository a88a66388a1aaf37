'use client'

import { useParams } from 'next/navigation'
import { FailurePage } from '@/components/shell/failure-page'
import { buttonClass, ButtonLink } from '@/components/ui/button'
import { paths } from '@/lib/paths'

/** In the browser, which knows the address: Next renders this with every page below, shown or not. */
export default function NotFoundInFactory() {
  const { factory } = useParams<{ factory: string }>()
  return (
    <FailurePage
      inside
      title="There is nothing here"
      actions={
        <>
          {/* Not by the router, which keeps the layout: asked anew, the server says if the factory is gone as well. */}
          <a href={paths.factory(factory)} className={buttonClass({ variant: 'primary' }, 'min-w-0')}>
            <span className="truncate">Go to factory {factory}</span>
          </a>
          <ButtonLink href={paths.factories()}>Go to factories</ButtonLink>
        </>
      }
    >
      The address is wrong, or the thing was deleted or renamed. The factory{' '}
      <strong className="font-medium wrap-anywhere text-fg">{factory}</strong> has what is there now.
    </FailurePage>
  )
}
