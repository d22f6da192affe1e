import { CreateWorkspaceScreen } from './_screen/create-workspace-screen'

export default function CreateWorkspacePage() {
  return <CreateWorkspaceScreen />
}
