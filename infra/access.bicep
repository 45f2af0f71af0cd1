// Every role that a deployment of the bridge grants, and why. No other file under infra/ may grant one
// (test/infra/bicep.test.ts). It is used once for each resource group that holds something to grant on; what a call
// does not name is not granted there. Rights inside a cluster are Kubernetes RBAC and not here.

@description('The identity of the Functions host, and what it reaches.')
param host {
  principalId: string
  storageAccount: string
  queues: string[]
  table: string
  applicationInsights: string
}?

@description('The identity of a system topic, and where its events go.')
param topic {
  principalId: string
  storageAccount: string
  queue: string
  deadLetterContainer: string
}?

@description('A vault, and the identity that reads it. certificatesAndKeys: classes name certificates or keys of it.')
param vault {
  name: string
  principalId: string
  certificatesAndKeys: bool
}?

@description('An AKS cluster, and the identity that signs in to it.')
param cluster {
  name: string
  principalId: string
}?

// Built-in roles have the same ids in every tenant.
var storageBlobDataOwner = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')
var storageBlobDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
var storageQueueDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '974c5e8b-45b9-4653-ba55-5f855dd0fb88')
var storageQueueDataMessageSender = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a')
var storageTableDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3')
var monitoringMetricsPublisher = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '3913510d-42f4-4e42-8a64-420c390055eb')
var keyVaultSecretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
var keyVaultCertificateUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba')
var aksClusterUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4abbcc35-e782-43d8-92c5-2d3f1bd2253f')

// 'none' is never looked up: it stands where a call names nothing, and nothing is granted on it.
resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = if (host != null || topic != null) {
  name: host.?storageAccount ?? topic.?storageAccount ?? 'none'
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' existing = if (topic != null) {
  parent: account
  name: 'default'
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = if (topic != null) {
  parent: blobs
  name: topic.?deadLetterContainer ?? 'none'
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' existing = if (host != null || topic != null) {
  parent: account
  name: 'default'
}

resource hostQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' existing = [
  for queue in host.?queues ?? []: {
    parent: queueService
    name: queue
  }
]

resource eventQueue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' existing = if (topic != null) {
  parent: queueService
  name: topic.?queue ?? 'none'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' existing = if (host != null) {
  parent: account
  name: 'default'
}

resource historyTable 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' existing = if (host != null) {
  parent: tables
  name: host.?table ?? 'none'
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = if (host != null) {
  name: host.?applicationInsights ?? 'none'
}

resource keyVault 'Microsoft.KeyVault/vaults@2026-02-01' existing = if (vault != null) {
  name: vault.?name ?? 'none'
}

resource aks 'Microsoft.ContainerService/managedClusters@2026-05-01' existing = if (cluster != null) {
  name: cluster.?name ?? 'none'
}

// Why: the Functions host keeps its leases, its timer's state and its keys in blobs, in containers that it makes itself,
// and takes the app's package from one. Microsoft documents Owner, not Contributor, for the host's own storage. On the
// whole account, because the host's containers do not exist before it does.
resource hostOwnsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (host != null) {
  name: guid(account.id, host.?principalId ?? '', storageBlobDataOwner)
  scope: account
  properties: {
    roleDefinitionId: storageBlobDataOwner
    principalId: host.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: the Functions host keeps leases, keys and the package in blobs.'
  }
}

// Why: the host receives and deletes messages, and moves what failed five times to the poison queue; the app sends its
// own delayed messages. On these two queues only, not on the account.
resource hostWorksQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, index) in host.?queues ?? []: {
    name: guid(account.id, queue, host.?principalId ?? '', storageQueueDataContributor)
    scope: hostQueues[index]
    properties: {
      roleDefinitionId: storageQueueDataContributor
      principalId: host.?principalId ?? ''
      principalType: 'ServicePrincipal'
      description: 'Rotation Bridge: the app receives and sends the messages of this queue.'
    }
  }
]

// Why: the app keeps which chain of messages goes on for a target. On this table only: the host would also like one for
// its diagnostic events, and does without.
resource hostWritesHistory 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (host != null) {
  name: guid(account.id, host.?table ?? '', host.?principalId ?? '', storageTableDataContributor)
  scope: historyTable
  properties: {
    roleDefinitionId: storageTableDataContributor
    principalId: host.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: the app keeps its history in this table.'
  }
}

// Why: Application Insights takes no telemetry by its key alone (monitoring.bicep), so the host needs a role to send it.
resource hostSendsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (host != null) {
  name: guid(insights.id, host.?principalId ?? '', monitoringMetricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: monitoringMetricsPublisher
    principalId: host.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: the host sends its logs and metrics.'
  }
}

// Why: Event Grid puts the vault's events on the queue as this topic. It may add messages, and neither read nor delete.
resource topicSendsEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (topic != null) {
  name: guid(account.id, topic.?queue ?? '', topic.?principalId ?? '', storageQueueDataMessageSender)
  scope: eventQueue
  properties: {
    roleDefinitionId: storageQueueDataMessageSender
    principalId: topic.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: Event Grid puts Key Vault events on this queue.'
  }
}

// Why: what Event Grid cannot deliver, it writes here instead of dropping it. There is no role that only adds blobs.
resource topicKeepsDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (topic != null) {
  name: guid(account.id, topic.?deadLetterContainer ?? '', topic.?principalId ?? '', storageBlobDataContributor)
  scope: deadLetters
  properties: {
    roleDefinitionId: storageBlobDataContributor
    principalId: topic.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: Event Grid keeps events that it could not deliver.'
  }
}

// Which of the two roles that read a vault's objects it gets. A null vault reads as false.
var readsCertificates = vault.?certificatesAndKeys ?? false

// Why: the bridge reads the values it writes into Secrets, and the list of their versions. Reading is all that this role
// allows. It works only on vaults that use Azure RBAC; for access policies see docs/install.md.
resource bridgeReadsVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (vault != null && !readsCertificates) {
  name: guid(keyVault.id, vault.?principalId ?? '', keyVaultSecretsUser)
  scope: keyVault
  properties: {
    roleDefinitionId: keyVaultSecretsUser
    principalId: vault.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: reads the current versions of secrets.'
  }
}

// Why: where classes name certificates or keys (objectType cert or key), the bridge reads those too: the certificate, and
// a key's public part. Of the built-in roles this one adds the least to the one above, which it then stands for: the data
// actions certificates/read and keys/read. The Crypto roles sign, decrypt and back keys up; Key Vault Reader reads the
// vault's configuration too, and no values.
resource bridgeReadsCertificates 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (vault != null && readsCertificates) {
  name: guid(keyVault.id, vault.?principalId ?? '', keyVaultCertificateUser)
  scope: keyVault
  properties: {
    roleDefinitionId: keyVaultCertificateUser
    principalId: vault.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: reads the current versions of secrets, certificates and public keys.'
  }
}

// Why: the bridge asks Azure for the API server's address and authority. The role grants not one right inside the
// cluster; those come from Kubernetes RBAC. Not needed where the map gives server and certificateAuthority.
resource bridgeFindsCluster 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (cluster != null) {
  name: guid(aks.id, cluster.?principalId ?? '', aksClusterUser)
  scope: aks
  properties: {
    roleDefinitionId: aksClusterUser
    principalId: cluster.?principalId ?? ''
    principalType: 'ServicePrincipal'
    description: 'Rotation Bridge: finds the address of this cluster.'
  }
}
