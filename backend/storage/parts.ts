import type { Logger } from '../log'
import type { Deps } from '../services'
import type { Access } from './access'
import type { Blobs } from './blobs/blobs'
import type { Removals } from './removals'
import type { Renders } from './renders'
import type { Signatures } from './signatures'
import type { Signers } from './signers'
import type { Uploads } from './upload'

/** What the paths of storage are served with. */
export type Parts = {
  access: Access
  blobs: Blobs
  removals: Removals
  renders: Renders
  signatures: Signatures
  signers: Signers
  uploads: Uploads
  keys: Pick<Deps, 'secrets' | 'tokens'>
  /** Bytes that a file may have at most, in any bucket. */
  sizeLimit: number
  log: Logger
}
