// The app on a Flex Consumption plan, and its settings. The code comes later (azd deploy, func or az).

param name string
param location string
param tags object

@description('ARM ids of all user-assigned identities, the host\'s among them.')
param identityIds string[]

@description('The identity of the Functions host: storage and telemetry.')
param hostIdentityId string
param hostIdentityClientId string

@description('The identity for vaults and clusters that the rotation map gives none of their own.')
param bridgeClientId string

param packageContainerUrl string
param blobEndpoint string
param queueEndpoint string
param tableEndpoint string
param applicationInsightsConnectionString string

@description('Subnet that the app calls from; empty: none.')
param subnetId string

@description('Disabled: nobody reaches the app from outside, and it can only be deployed from inside the network.')
param publicNetworkAccess string

param instanceMemoryMB int
param alwaysReady int
param maximumInstances int

param queueName string
param historyTable string
param rotationMap string
param timeBudget string
param reconcileSchedule string
param deepEvery string
param logLevel string

@description('entra: the HTTP functions exist, and App Service authentication stands before them. Empty: neither.')
param http string
param httpTenant string
param httpReaders string
param httpOperators string

@description('Client id of the app registration that callers ask a token for.')
param httpClientId string

@description('True: Event Grid calls the function keyVaultEvent, by a key and without a token.')
param eventsByFunction bool

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true // Linux, the only system of this plan.
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the app by this tag: the service's name in azure.yaml.
  tags: union(tags, { 'azd-service-name': 'bridge' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: toObject(identityIds, id => id, id => {})
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicNetworkAccess
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      runtime: {
        name: 'node'
        version: '24'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: hostIdentityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        // The limit counts for each function by itself, and always-ready instances come on top of it
        // (https://learn.microsoft.com/azure/azure-functions/event-driven-scaling#limit-scale-out). One instance takes 32
        // messages at a time (host.json), so 1 is enough for most, and the fewer there are, the fewer meet at one target.
        maximumInstanceCount: maximumInstances
        // Only the function that does the work is kept warm: an event waits for no cold start.
        alwaysReady: alwaysReady == 0 ? [] : [{ name: 'function:rotate', instanceCount: alwaysReady }]
      }
    }
  }

  // No deployment by user name and password, neither by FTP nor by the deployment endpoint.
  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource noDeploymentPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

// All of them: what stands here and not in the table of shared/settings-table.ts, or the other way round, fails
// test/infra/settings.test.ts. A deployment replaces them all, those too that somebody set by hand.
resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    // The host's storage, by identity. Endpoints instead of the account's name, so that it works in every cloud.
    AzureWebJobsStorage__blobServiceUri: blobEndpoint
    AzureWebJobsStorage__queueServiceUri: queueEndpoint
    AzureWebJobsStorage__tableServiceUri: tableEndpoint
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: hostIdentityClientId

    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${hostIdentityClientId};Authorization=AAD'

    AZURE_CLIENT_ID: bridgeClientId

    ROTATION_MAP: rotationMap
    ROTATION_TIME_BUDGET: timeBudget
    ROTATION_QUEUE: queueName
    ROTATION_HISTORY_TABLE: historyTable
    ROTATION_RECONCILE_SCHEDULE: reconcileSchedule
    ROTATION_DEEP_EVERY: deepEvery
    ROTATION_LOG_LEVEL: logLevel

    ROTATION_HTTP: http
    ROTATION_HTTP_TENANT: httpTenant
    ROTATION_HTTP_READERS: httpReaders
    ROTATION_HTTP_OPERATORS: httpOperators
  }
}

// Before everything that comes by HTTP: without a token of this tenant, for this app registration, nothing passes, and
// only it sets the header that says who calls. Which callers may do what, the app decides by its settings. Where it is
// off the platform says so to the app, which then has no HTTP functions at all.
resource authentication 'Microsoft.Web/sites/config@2025-03-01' = if (http == 'entra') {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // Event Grid brings a key instead, which the Functions host checks.
      excludedPaths: eventsByFunction ? ['/runtime/webhooks/eventgrid'] : []
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: httpClientId
          openIdIssuer: '${az.environment().authentication.loginEndpoint}${httpTenant}/v2.0'
        }
        validation: {
          allowedAudiences: [httpClientId, 'api://${httpClientId}']
        }
      }
    }
    login: {
      // Nobody signs in by a browser, so there are no tokens to keep.
      tokenStore: {
        enabled: false
      }
    }
  }
  // The settings restart the app; it must find authentication told to it, or none asked for.
  dependsOn: [settings]
}

output id string = app.id
output name string = app.name
output hostName string = app.properties.defaultHostName
