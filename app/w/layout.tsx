import { WorkspaceRoot } from './_frame/workspace-root'

export default function WorkspaceLayout() {
  return <WorkspaceRoot />
}
