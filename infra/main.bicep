// Rotation Bridge, whole: one deployment into one resource group, with roles on the vaults and clusters that it names.
// Values: main.bicepparam. How to: docs/install.md. Order: identities and storage, network, app, access, events.

targetScope = 'resourceGroup'

import { vault, cluster, bridgeIdentity } from 'types.bicep'

@description('Goes into the name of every resource.')
@minLength(3)
@maxLength(20)
param name string

param location string = resourceGroup().location

@description('The vaults whose changes are carried into clusters.')
@minLength(1)
param vaults vault[]

@description('The AKS clusters that the rotation map names by `aks:`. One named by `server:` needs no role in Azure.')
param clusters cluster[] = []

@description('True: a virtual network, private endpoints, one outbound address, and a closed storage account.')
param privateNetwork bool = false

@description('For the private network: a /24 or larger that no peered network uses.')
param addressPrefix string = '10.80.0.0/24'

@description('Disabled: nobody reaches the app from outside, and it can only be deployed from inside the network.')
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string = 'Enabled'

@description('Instances of `rotate` that are always warm. 0 saves their price and costs a cold start for each event.')
@minValue(0)
@maxValue(5)
param alwaysReady int = 1

@description('Most instances of each function besides those that are always warm. 1 is the least that Azure takes.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 1

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_LRS'

@description('Days that logs are kept.')
param logRetentionInDays int = 30

@description('ROTATION_QUEUE')
param queueName string = 'rotations'

@description('ROTATION_HISTORY_TABLE')
param historyTable string = 'rotationhistory'

@description('ROTATION_MAP')
param rotationMap string = 'rotation-map.yaml'

@description('ROTATION_TIME_BUDGET')
param timeBudget string = '4m'

@description('ROTATION_RECONCILE_SCHEDULE')
param reconcileSchedule string = '0 */15 * * * *'

@description('ROTATION_DEEP_EVERY')
param deepEvery string = '6h'

@description('ROTATION_LOG_LEVEL')
@allowed(['info', 'warn', 'error'])
param logLevel string = 'info'

@description('ROTATION_HTTP')
@allowed(['', 'entra'])
param http string = ''

@description('ROTATION_HTTP_TENANT')
param httpTenant string = ''

@description('ROTATION_HTTP_READERS')
param httpReaders string = ''

@description('ROTATION_HTTP_OPERATORS')
param httpOperators string = ''

@description('With http entra: client id of the app registration that callers ask a token for.')
param httpClientId string = ''

param tags object = {}

// Names of apps and storage accounts are unique in the world.
var suffix = uniqueString(resourceGroup().id, name)
var appName = 'func-${name}-${suffix}'
var storageName = 'st${suffix}'

// One identity for each trust boundary that the parameters name; `default` is for what names none.
var bridgeNames = union(
  ['default'],
  map(vaults, item => item.?identity ?? 'default'),
  map(clusters, item => item.?identity ?? 'default')
)

module identities 'identities.bicep' = {
  name: '${name}-identities'
  params: {
    name: name
    location: location
    tags: tags
    bridges: bridgeNames
  }
}

module storage 'storage.bicep' = {
  name: '${name}-storage'
  params: {
    name: storageName
    location: location
    tags: tags
    sku: storageSku
    closed: privateNetwork
    queueName: queueName
    historyTable: historyTable
  }
}

module monitoring 'monitoring.bicep' = {
  name: '${name}-monitoring'
  params: {
    name: name
    location: location
    tags: tags
    retentionInDays: logRetentionInDays
  }
}

module network 'network.bicep' = if (privateNetwork) {
  name: '${name}-network'
  params: {
    name: name
    location: location
    tags: tags
    addressPrefix: addressPrefix
    storageAccountId: storage.outputs.id
    vaultIds: map(vaults, item => item.id)
  }
}

// Before the app, which needs them from its first start.
module hostAccess 'access.bicep' = {
  name: '${name}-host'
  params: {
    host: {
      principalId: identities.outputs.hostPrincipalId
      storageAccount: storage.outputs.name
      queues: [storage.outputs.queue, storage.outputs.poisonQueue]
      table: storage.outputs.table
      applicationInsights: monitoring.outputs.name
    }
  }
}

module app 'function-app.bicep' = {
  name: '${name}-app'
  params: {
    name: appName
    location: location
    tags: tags
    identityIds: concat([identities.outputs.hostId], identities.outputs.bridgeIds)
    hostIdentityId: identities.outputs.hostId
    hostIdentityClientId: identities.outputs.hostClientId
    bridgeClientId: identities.outputs.bridges[indexOf(bridgeNames, 'default')].clientId
    packageContainerUrl: '${storage.outputs.blobEndpoint}${storage.outputs.packageContainer}'
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    publicNetworkAccess: publicNetworkAccess
    instanceMemoryMB: instanceMemoryMB
    alwaysReady: alwaysReady
    maximumInstances: maximumInstances
    queueName: queueName
    historyTable: historyTable
    rotationMap: rotationMap
    timeBudget: timeBudget
    reconcileSchedule: reconcileSchedule
    deepEvery: deepEvery
    logLevel: logLevel
    http: http
    httpTenant: httpTenant
    httpReaders: httpReaders
    httpOperators: httpOperators
    httpClientId: httpClientId
    eventsByFunction: contains(map(vaults, item => item.?delivery ?? 'queue'), 'function')
  }
  dependsOn: [hostAccess]
}

// An ARM id is /subscriptions/[2]/resourceGroups/[4]/providers/[6]/[7]/[8].

module vaultAccess 'access.bicep' = [
  for item in vaults: {
    name: '${name}-vault-${split(item.id, '/')[8]}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      vault: {
        name: split(item.id, '/')[8]
        principalId: identities.outputs.bridges[indexOf(bridgeNames, item.?identity ?? 'default')].principalId
        certificatesAndKeys: item.?certificatesAndKeys ?? false
      }
    }
  }
]

module clusterAccess 'access.bicep' = [
  for item in clusters: {
    name: take('${name}-cluster-${split(item.id, '/')[8]}', 64)
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      cluster: {
        name: split(item.id, '/')[8]
        principalId: identities.outputs.bridges[indexOf(bridgeNames, item.?identity ?? 'default')].principalId
      }
    }
  }
]

resource knownVaults 'Microsoft.KeyVault/vaults@2026-02-01' existing = [
  for item in vaults: {
    name: split(item.id, '/')[8]
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
  }
]

// In the vault's resource group, where the portal puts them too.
module topics 'topic.bicep' = [
  for (item, index) in vaults: if (item.?systemTopic == null) {
    name: '${name}-topic-${split(item.id, '/')[8]}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      name: 'rotation-bridge-${split(item.id, '/')[8]}'
      vaultName: split(item.id, '/')[8]
      location: knownVaults[index].location
      tags: tags
    }
  }
]

module events 'events.bicep' = [
  for item in vaults: {
    name: '${name}-events-${split(item.id, '/')[8]}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      bridgeName: name
      topicName: item.?systemTopic ?? 'rotation-bridge-${split(item.id, '/')[8]}'
      delivery: item.?delivery ?? 'queue'
      subjectPrefixes: item.?subjectPrefixes ?? []
      storageAccountId: storage.outputs.id
      storageAccountName: storage.outputs.name
      queueName: storage.outputs.queue
      deadLetterContainer: storage.outputs.deadLetterContainer
      functionAppId: app.outputs.id
      bridgeSubscriptionId: subscription().subscriptionId
      bridgeResourceGroup: resourceGroup().name
    }
    dependsOn: [topics]
  }
]

// Spelled in camel case: the CLI changes names of capitals (APP_NAME is shown as apP_NAME).

@description('For `func azure functionapp publish` and `az functionapp`.')
output appName string = app.outputs.name

@description('Client ids for the rotation map, object ids for Kubernetes RBAC.')
output identities bridgeIdentity[] = identities.outputs.bridges

@description('Where to look for events that arrived, failed five times, or could not be delivered.')
output storageAccount string = storage.outputs.name
output queue string = storage.outputs.queue
output poisonQueue string = storage.outputs.poisonQueue
output deadLetterContainer string = storage.outputs.deadLetterContainer

@description('For log queries.')
output applicationInsights string = monitoring.outputs.name

@description('The address for authorised IP ranges; empty without the private network.')
output outboundAddress string = privateNetwork ? network!.outputs.outboundAddress : ''

@description('The network to peer with those of private clusters; empty without the private network.')
output networkId string = privateNetwork ? network!.outputs.networkId : ''
