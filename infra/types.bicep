// The shapes of what a person writes in main.bicepparam.

@export()
@description('A vault whose new versions the bridge hears of. It exists already.')
type vault = {
  @description('az keyvault show --name NAME --query id --output tsv')
  id: string

  @description('Name of a trust boundary: each has a user-assigned identity of its own. Without it: default.')
  identity: string?

  @description('Name of the system topic that this vault already has, in the vault\'s resource group and with a system-assigned identity. A vault can have only one.')
  systemTopic: string?

  @description('True: classes name certificates or keys of this vault (objectType cert or key), so the bridge may read those too. Without it: secrets only, which is enough for a certificate that classes name as a secret.')
  certificatesAndKeys: bool?

  @description('Only objects whose name begins with one of these raise an event for the bridge. Without it: all. Capital letters do not count.')
  @maxLength(25)
  subjectPrefixes: string[]?

  @description('queue: Event Grid writes to the queue by its identity. function: it calls keyVaultEvent, which must be deployed before.')
  delivery: ('queue' | 'function')?
}

@export()
@description('An AKS cluster that the rotation map names by its resource id. It exists already.')
type cluster = {
  @description('az aks show --resource-group GROUP --name NAME --query id --output tsv')
  id: string

  @description('Name of a trust boundary: each has a user-assigned identity of its own. Without it: default.')
  identity: string?
}

@export()
@description('An identity for vaults and clusters, as the next step needs it.')
type bridgeIdentity = {
  name: string

  @description('For the rotation map (identity).')
  clientId: string

  @description('For Kubernetes RBAC (rotation-bridge rbac): the object id is the user name in the cluster.')
  principalId: string
}
