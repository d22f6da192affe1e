/** The bucket of S3 that files are kept in; unset: the data folder. */
export type S3Settings = {
  bucket: string
  region: string
  /** Unset: Amazon's own for the region. */
  endpoint?: string
  /** The bucket in the path and not in the host name, as most servers other than Amazon's want it. */
  pathStyle: boolean
  /** Unset: where Amazon's SDK finds them by itself (environment, profile, role of the machine). */
  accessKeyId?: string
  secretAccessKey?: string
}

/** The S3 of an environment whose values are of the right form; adds to `wrong` what does not fit together. */
export function readS3(given: Record<string, string>, wrong: string[]): S3Settings | undefined {
  const { STORAGE_S3_BUCKET: bucket, STORAGE_S3_ENDPOINT: endpoint } = given
  const { STORAGE_S3_ACCESS_KEY_ID: accessKeyId, STORAGE_S3_SECRET_ACCESS_KEY: secretAccessKey } = given
  if (!bucket) {
    if (endpoint) wrong.push('STORAGE_S3_BUCKET: is missing; without it files are kept in the data folder')
    return undefined
  }
  if (!accessKeyId !== !secretAccessKey) {
    const missing = accessKeyId ? 'STORAGE_S3_SECRET_ACCESS_KEY' : 'STORAGE_S3_ACCESS_KEY_ID'
    wrong.push(`${missing}: is missing; set both, or neither to use what the machine has`)
  }
  return {
    bucket,
    region: given.STORAGE_S3_REGION ?? 'us-east-1',
    pathStyle: /^(true|1|yes)$/i.test(given.STORAGE_S3_FORCE_PATH_STYLE ?? (endpoint ? 'true' : 'false')),
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : {}),
  }
}
