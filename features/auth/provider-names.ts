/** Names as their owners write them; anything else begins with a capital. */
const NAMES: Record<string, string> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  azure: 'Microsoft',
  linkedin: 'LinkedIn',
  linkedin_oidc: 'LinkedIn',
  slack_oidc: 'Slack',
  workos: 'WorkOS',
}

export const providerName = (id: string) =>
  NAMES[id] ?? id.replace(/^custom:/, '').replace(/^./, (first) => first.toUpperCase())
