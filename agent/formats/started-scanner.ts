import { copyHeader } from '../copy/rows.ts'
import { CopyFrameScanner } from '../digest/copy-frame-scanner.ts'

/** For tuples that come without COPY's header: it has been seen already. */
export function startedScanner(): CopyFrameScanner {
  const scanner = new CopyFrameScanner('binary')
  scanner.scan(copyHeader)
  return scanner
}
