import type { FailureCode } from '../../../lib/protocol/failure.ts'
import { TaskFailure } from '../../copy/failure.ts'
import type { BlobAnswer, BlobRequest } from './blob-client.ts'
import { element } from './xml.ts'

/** An answer with an error status. `errorCode` is the service's own, for example `BlobNotFound`. */
export class BlobError extends Error {
  override readonly name = 'BlobError'
  readonly status: number
  readonly errorCode: string
  readonly container: string
  readonly object: string

  constructor({ status, headers, body }: BlobAnswer, { container = '', blob }: BlobRequest) {
    const said = headers['x-ms-error-code'] ?? element(body.toString(), 'Code') ?? `HTTP ${status}`
    // The emulator calls a wrong key what the cloud calls a firewall; its message tells them apart.
    const errorCode = /failed to authenticate/.test(body.toString()) ? 'AuthenticationFailed' : said
    super(errorCode)
    this.status = status
    this.errorCode = errorCode
    this.container = container
    this.object = blob === undefined ? container : `${container}/${blob}`
  }
}

/** Conditions and missing blobs are for the caller to judge; everything else becomes a failure that a person can act on. */
export function blobFailure(error: unknown, { name }: { name: string }): unknown {
  if (!(error instanceof BlobError)) return networkFailure(error)
  const { status, errorCode } = error
  if (status === 404 && errorCode !== 'ContainerNotFound' && errorCode !== 'ResourceNotFound') return error
  if (status === 409 || status === 412 || status === 416) return error
  const known = byErrorCode[errorCode]
  const code =
    known?.code ?? (status === 403 ? 'permission_denied' : status === 401 ? 'login_failed' : 'internal')
  // Where the container is missing, the blob is often one of our own that nobody has heard of.
  const object = isOfContainer(errorCode) ? error.container : error.object
  const place = object === '' ? '' : ` (${object})`
  const text = known?.text ?? `the storage service answered ${errorCode} (${status})`
  return new TaskFailure(code, `Store “${name}”${place}: ${text}.`, {
    cause: error,
    ...(status >= 500 && { retryable: true }),
  })
}

function isOfContainer(errorCode: string): boolean {
  return errorCode === 'ContainerNotFound' || errorCode === 'ContainerBeingDeleted'
}

/** undici's timeouts under the names that failures know (agent/copy/failure.ts). */
function networkFailure(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!code.startsWith('UND_ERR_')) return error
  const name = /TIMEOUT/.test(code) ? 'ETIMEDOUT' : 'ECONNRESET'
  return Object.assign(new Error('the connection to the storage service failed', { cause: error }), {
    code: name,
  })
}

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and common-rest-api-error-codes. */
const byErrorCode: Readonly<Record<string, { code: FailureCode; text: string }>> = {
  AuthenticationFailed: { code: 'login_failed', text: 'the account key or SAS token was refused' },
  InvalidAuthenticationInfo: { code: 'login_failed', text: 'the account key or SAS token is malformed' },
  NoAuthenticationInformation: { code: 'login_failed', text: 'the service asks for a credential' },
  AuthorizationPermissionMismatch: { code: 'permission_denied', text: 'the SAS token does not allow this' },
  AuthorizationServiceMismatch: {
    code: 'permission_denied',
    text: 'the SAS token is not for the blob service',
  },
  AuthorizationResourceTypeMismatch: {
    code: 'permission_denied',
    text: 'the SAS token does not allow this kind of resource',
  },
  AuthorizationProtocolMismatch: { code: 'permission_denied', text: 'the SAS token demands HTTPS' },
  AuthorizationSourceIPMismatch: {
    code: 'permission_denied',
    text: 'the SAS token does not allow the address of the node',
  },
  AuthorizationFailure: {
    code: 'permission_denied',
    text: 'the firewall of the storage account or its settings refused the node',
  },
  KeyBasedAuthenticationNotPermitted: {
    code: 'permission_denied',
    text: 'the storage account does not permit account keys',
  },
  ContainerNotFound: { code: 'not_found', text: 'the container does not exist' },
  ResourceNotFound: { code: 'not_found', text: 'it does not exist' },
  ContainerBeingDeleted: { code: 'not_found', text: 'the container is being deleted' },
  InsufficientAccountPermissions: { code: 'permission_denied', text: 'the account may not do this' },
  AccountIsDisabled: { code: 'permission_denied', text: 'the storage account is disabled' },
  Md5Mismatch: { code: 'verification_failed', text: 'the bytes changed on their way to the store' },
  ServerBusy: { code: 'timeout', text: 'the storage service is busy' },
  OperationTimedOut: { code: 'timeout', text: 'the storage service did not answer in time' },
}
