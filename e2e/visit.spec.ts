import { v7 as uuidv7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { clientFor } from './api'
import { crew } from './crew'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { seat } from './seat'
import { product } from './shared-product'
import { t } from './texts'

/** Ada looks at a public channel that she is not in. */
const people = crew(['ada'])
let owner: Member
let ada: Member
let workspaceId: string

beforeAll(async () => {
  ;[owner, ada] = (await makeCrowd(product, 2)) as [Member, Member]
  const made = await makeWorkspace(
    product,
    [owner, ada],
    [{ name: 'open', kind: 'public', members: [owner] }],
  )
  const channel_id = String(made.channelIds[0])
  workspaceId = made.workspaceId
  const message = { id: uuidv7(), channel_id, body: 'for everybody in the house' }
  const { error } = await api().from('messages').insert(message)
  expect(error).toBeNull()
  await seat(people.ada, ada, `/w/${made.slug}/c/${channel_id}`)
  await people.ada.message('for everybody in the house').waitFor()
  await people.ada.button(t('conversation.join')).waitFor()
})

const api = () => clientFor(product.url, product.secrets.publishableKey, owner)

test('who becomes a guest sees it no longer, without a reload', async () => {
  people.ada.expectProblem(/status of 404/)
  const args = { workspace_id: workspaceId, user_id: ada.userId, role: 'guest' }
  expect((await api().rpc('set_member_role', args)).error).toBeNull()
  await people.ada.page.getByText(t('errors.channel_not_found')).waitFor()
  expect(await people.ada.page.getByText('for everybody in the house').count()).toBe(0)
})
