import type {
  BrowseResult,
  DescribeResult,
  ItemRef,
  PreviewRows,
  TestConnectionResult,
} from '../../lib/protocol/interactive.ts'
import type { StoreAddress, StoreRef, StoreSecret } from '../../lib/protocol/stores.ts'
import type { TaskContext } from '../copy/task-context.ts'
import type { FileFamily } from './file-names.ts'

/** A store that can be connected to. `name` is the linked service's, for messages. */
export type OpenStore<Address extends StoreAddress = StoreAddress> = {
  name: string
  address: Address
  secret: StoreSecret | null
  allowedFolders: readonly string[]
  allowedHosts: readonly string[]
  signal: AbortSignal
}

/** What a person can ask of any store. Failures are thrown as `TaskFailure`, except that a connection test reports its steps. */
export interface Explorer {
  /** Opens the credential itself, because that is the first step it reports. */
  testConnection(
    ref: StoreRef,
    ctx: Pick<TaskContext, 'secretFor' | 'allowedFolders' | 'allowedHosts' | 'signal'>,
  ): Promise<TestConnectionResult>
  browse(store: OpenStore, request: { path: string[]; filter?: string | undefined }): Promise<BrowseResult>
  describe(store: OpenStore, item: ItemRef): Promise<DescribeResult>
  preview(store: OpenStore, request: { item: ItemRef; limit: number }): Promise<PreviewRows>
}

/** A file or blob. `path` is relative to the container or to the linked service's folder, with `/`. */
export type FileEntry = {
  path: string
  sizeBytes: number
  modifiedAt: string
  /** Where the store has one: readers pass it on, so that a file changed between listing and reading fails as `store_conflict`. */
  etag?: string
}

export type FileSelection = {
  container: string | undefined
  folder: string
  fileName: string
  recursive: boolean
}

/** Reads one file. Random access is for Parquet footers and for resuming. */
export interface FileReader {
  readonly entry: FileEntry
  /**
   * Whole file, or from byte `start`, up to but without byte `end`. Chunks are at least 64 KiB where the file allows it;
   * each may be overwritten once the next is asked for.
   */
  stream(start?: number, end?: number): AsyncIterable<Uint8Array>
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Where a part is staged and how it will be called. Paths are relative to the container or the linked service's folder. */
export type StagedTarget = {
  container: string | undefined
  runId: string
  part: number
  epoch: number
  /** Number of the file within its part; 0 where a part is one file. */
  index: number
  /** The sink's folder, in which staging lies. */
  folder: string
  /** Final path, for example `lake/flights/part-00003.parquet`. */
  path: string
}

/** A part that is complete and durable but not visible under its final name. Travels in `PartResult.engine`, so plain JSON. */
export type StagedFile = {
  /** Final path. */
  path: string
  /** Where it lies until it is published, in the same terms. */
  stagedPath: string
  epoch: number
  sizeBytes: number
  md5: string
}

export interface StagedWriter {
  /** Takes the bytes over before it resolves, so that the caller may reuse its buffer; waits while the store is behind. */
  write(chunk: Uint8Array): Promise<void>
  /** One durable commit (fsync and rename, or one block list). `digest` is kept as metadata where the store has it. */
  commit(digest: string): Promise<StagedFile>
  /** Removes what was written. Never throws. */
  abort(): Promise<void>
}

/** Files that stood at target paths when the copy was prepared, by path, with their etag; all other paths were free. */
export type ReplacedFiles = Readonly<Record<string, string>>

/** What a copy does with the files of earlier copies into the same sink name. */
export type EarlierFiles = {
  family: FileFamily
  writeBehavior: 'append' | 'overwrite'
  /** What `findEarlier` answered: removed when all new files stand, unless somebody changed them meanwhile. */
  obsolete: ReplacedFiles
}

export type PublishRequest = {
  container: string | undefined
  runId: string
  epoch: number
  /** What `checkTargets` answered: nothing else is ever replaced (`already_exists`, `store_conflict`). */
  replaces: ReplacedFiles
  files: readonly StagedFile[]
  /** Absent where files keep the names of their sources. */
  earlier?: EarlierFiles
}

/** File system and Azure Blob alike. */
export interface FileStore {
  /** For plan and receipt: how exactly-once is kept, what the store itself checks, and what it is. */
  readonly words: { guarantee: string; integrity: string; version: string }
  /** Throws `not_found` where folder or container is missing; an empty result is not an error. Sorted by path; staged files are not listed. */
  list(selection: FileSelection): Promise<FileEntry[]>
  openReader(container: string | undefined, entry: FileEntry): Promise<FileReader>
  openStagedWriter(target: StagedTarget): Promise<StagedWriter>
  /** Reads a staged file back, for verification at content level; null where it is gone, because it was published before. */
  openStagedReader(container: string | undefined, file: StagedFile): Promise<FileReader | null>
  /** Before anything is copied: the folder may be written, and for `append` none of the paths exists (`already_exists`). */
  checkTargets(target: {
    container: string | undefined
    writeBehavior: 'append' | 'overwrite'
    paths: readonly string[]
  }): Promise<ReplacedFiles>
  /**
   * Files that earlier copies wrote under the sink's name, that nobody changed since, and that are none of `paths`: after an
   * overwrite they would be a part of the past between those of the present. What others wrote is never among them.
   */
  findEarlier(search: {
    container: string | undefined
    family: FileFamily
    paths: readonly string[]
  }): Promise<ReplacedFiles>
  /** Makes all files visible under their final names. Run again after a lost answer it changes nothing and reports the same. */
  publish(request: PublishRequest): Promise<Published>
  /** Removes staged files of the run (all epochs) below the sink's folder; returns their paths. */
  removeStaging(request: { container: string | undefined; runId: string; folder: string }): Promise<string[]>
  close(): Promise<void>
}
/** `removed`: obsolete files that are gone now. */
export type Published = { files: PublishedFile[]; removed: string[] }
export type PublishedFile = { path: string; sizeBytes: string; md5?: string }
