/** The workshop `secret-lab`, as people apply it with kubectl. */

export const vaultName = "kv-secret-lab";
export const namespace = "secret-lab";
export const className = "azure-keyvault-secrets";
export const secretName = "keyvault-secrets";
export const deploymentName = "podinfo-csi";
export const replicas = 3;

export const manifests = `
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata:
  name: ${className}
  namespace: ${namespace}
spec:
  provider: azure
  parameters:
    keyvaultName: ${vaultName}
    clientID: 22222222-2222-2222-2222-222222222222
    tenantId: 11111111-1111-1111-1111-111111111111
    objects: |
      array:
        - |
          objectName: db-connection-string
          objectType: secret
        - |
          objectName: color
          objectType: secret
  secretObjects:
    - secretName: ${secretName}
      type: Opaque
      data:
        - { key: db-connection-string, objectName: db-connection-string }
        - { key: color, objectName: color }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${deploymentName}
  namespace: ${namespace}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: { app: ${deploymentName} }
  template:
    metadata:
      labels: { app: ${deploymentName} }
    spec:
      containers:
        - name: podinfo
          image: ghcr.io/stefanprodan/podinfo:6
          env:
            - name: PODINFO_UI_COLOR
              valueFrom: { secretKeyRef: { name: ${secretName}, key: color } }
            - name: DB_CONNECTION_STRING
              valueFrom: { secretKeyRef: { name: ${secretName}, key: db-connection-string } }
          volumeMounts:
            - { name: secrets, mountPath: /mnt/secrets, readOnly: true }
      volumes:
        - name: secrets
          csi:
            driver: secrets-store.csi.k8s.io
            readOnly: true
            volumeAttributes: { secretProviderClass: ${className} }
`;
