'use client'

import { FailurePage } from '@/components/shell/failure-page'
import { Button } from '@/components/ui/button'
import './globals.css'

type GlobalErrorProps = { error: Error & { digest?: string }; retry: () => void }

export default function GlobalError({ error, retry }: GlobalErrorProps) {
  return (
    <html lang="en">
      <body>
        <title>Sallyport cannot be shown</title>
        <FailurePage
          title="Sallyport cannot be shown"
          reference={error.digest}
          actions={
            <Button variant="primary" onClick={() => retry()}>
              Try again
            </Button>
          }
        >
          The portal met an error before it could draw the page. Is its database running? The portal’s log
          holds the details under the reference.
        </FailurePage>
      </body>
    </html>
  )
}
