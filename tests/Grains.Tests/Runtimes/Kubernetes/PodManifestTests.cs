using System.Text.Json.Nodes;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Pods;
using DeployCard.Kubernetes.Settings;
using k8s;
using k8s.Models;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Exact content of the manifest of a pod.</summary>
public sealed class PodManifestTests
{
    private static readonly KubernetesImage Image = new(
        "iris",
        "registry.example.org/models/iris:1",
        "",
        8080,
        "/healthz",
        PodProtocol.Http1,
        []
    );

    [Fact]
    public void Manifest_contains_every_setting()
    {
        var options = new KubernetesOptions
        {
            Installation = "staging",
            RunAsUser = 1000,
            FsGroup = 2000,
            GpuResource = "amd.com/gpu",
        };
        options.ImagePullSecrets.Add("registry");
        options.EnvironmentSecrets.Add("tokens");
        options.NodeSelector["pool"] = "models";
        options.Tolerations.Add(
            new()
            {
                Key = "gpu",
                Value = "yes",
                Effect = "NoSchedule",
            }
        );
        options.Tolerations.Add(new() { Key = "spot" });
        var pod = KubernetesHost.CreateSpec() with
        {
            Revision = 3,
            Environment = new Dictionary<string, string> { ["MODEL"] = "$(HOME)/iris", ["TOKEN"] = "secret:tokens/hub" },
            StartupTimeout = TimeSpan.FromSeconds(90.5),
            TerminationGracePeriod = TimeSpan.FromSeconds(45),
            Cpu = 0.25,
            MemoryBytes = 512L * 1024 * 1024,
            Gpu = 2,
        };

        var image = Image with
        {
            Command = ["python3", "serve.py"],
            SharedMemoryBytes = 1L << 30,
            Volumes = [new("weights", "/models", IsReadOnly: true), new("cache", "/cache", IsReadOnly: false)],
        };
        var owner = new V1OwnerReference
        {
            ApiVersion = "v1",
            Kind = "ServiceAccount",
            Name = "silo",
            Uid = "0b1c",
            Controller = true,
        };

        Json(PodManifest.For(pod, image, options, owner))
            .ShouldBe(
                Json(
                    """
                    {
                      "apiVersion": "v1",
                      "kind": "Pod",
                      "metadata": {
                        "annotations": { "cluster-autoscaler.kubernetes.io/safe-to-evict": "true" },
                        "name": "iris-1-aaaaa",
                        "ownerReferences": [{ "apiVersion": "v1", "controller": true, "kind": "ServiceAccount", "name": "silo",
                          "uid": "0b1c" }],
                        "labels": {
                          "app.kubernetes.io/name": "iris",
                          "app.kubernetes.io/instance": "staging",
                          "app.kubernetes.io/component": "model",
                          "app.kubernetes.io/part-of": "deploycard",
                          "app.kubernetes.io/version": "3",
                          "app.kubernetes.io/managed-by": "deploycard",
                          "deploycard.io/installation": "staging",
                          "deploycard.io/deployment": "iris",
                          "deploycard.io/revision": "3"
                        }
                      },
                      "spec": {
                        "affinity": {
                          "podAntiAffinity": {
                            "preferredDuringSchedulingIgnoredDuringExecution": [
                              { "podAffinityTerm": { "labelSelector": { "matchLabels": { "deploycard.io/installation": "staging",
                                "deploycard.io/deployment": "iris", "deploycard.io/revision": "3" } },
                                "topologyKey": "kubernetes.io/hostname" }, "weight": 100 },
                              { "podAffinityTerm": { "labelSelector": { "matchLabels": { "deploycard.io/installation": "staging",
                                "deploycard.io/deployment": "iris", "deploycard.io/revision": "3" } },
                                "topologyKey": "topology.kubernetes.io/zone" }, "weight": 100 }
                            ]
                          }
                        },
                        "automountServiceAccountToken": false,
                        "containers": [
                          {
                            "command": ["python3", "serve.py"],
                            "env": [
                              { "name": "MODEL", "value": "$$(HOME)/iris" },
                              { "name": "TOKEN", "valueFrom": { "secretKeyRef": { "key": "hub", "name": "tokens" } } },
                              { "name": "PYTHONUNBUFFERED", "value": "1" },
                              { "name": "PORT", "value": "8080" },
                              { "name": "HOSTNAME", "value": "iris-1-aaaaa" },
                              { "name": "DEPLOYMENT", "value": "iris" }
                            ],
                            "image": "registry.example.org/models/iris:1",
                            "name": "serving",
                            "ports": [{ "containerPort": 8080, "name": "http", "protocol": "TCP" }],
                            "readinessProbe": { "failureThreshold": 3, "httpGet": { "path": "/healthz", "port": 8080 },
                              "periodSeconds": 2, "timeoutSeconds": 5 },
                            "resources": {
                              "limits": { "cpu": "250m", "memory": "536870912", "amd.com/gpu": "2" },
                              "requests": { "cpu": "250m", "memory": "536870912", "amd.com/gpu": "2" }
                            },
                            "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] },
                              "privileged": false },
                            "startupProbe": { "failureThreshold": 92, "httpGet": { "path": "/healthz", "port": 8080 },
                              "periodSeconds": 1, "timeoutSeconds": 5 },
                            "terminationMessagePolicy": "FallbackToLogsOnError",
                            "volumeMounts": [
                              { "mountPath": "/dev/shm", "name": "shared-memory" },
                              { "mountPath": "/models", "name": "volume-0", "readOnly": true },
                              { "mountPath": "/cache", "name": "volume-1" }
                            ]
                          }
                        ],
                        "enableServiceLinks": false,
                        "imagePullSecrets": [{ "name": "registry" }],
                        "nodeSelector": { "pool": "models" },
                        "restartPolicy": "Always",
                        "securityContext": { "fsGroup": 2000, "fsGroupChangePolicy": "OnRootMismatch", "runAsNonRoot": true,
                          "runAsUser": 1000, "seccompProfile": { "type": "RuntimeDefault" } },
                        "terminationGracePeriodSeconds": 45,
                        "tolerations": [
                          { "effect": "NoSchedule", "key": "gpu", "operator": "Equal", "value": "yes" },
                          { "key": "spot", "operator": "Exists" },
                          { "effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 30 },
                          { "effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 30 }
                        ],
                        "volumes": [
                          { "emptyDir": { "medium": "Memory", "sizeLimit": "1073741824" }, "name": "shared-memory" },
                          { "name": "volume-0", "persistentVolumeClaim": { "claimName": "weights", "readOnly": true } },
                          { "name": "volume-1", "persistentVolumeClaim": { "claimName": "cache" } }
                        ]
                      }
                    }
                    """
                )
            );
    }

    [Fact]
    public void Manifest_without_optional_settings_omits_their_fields()
    {
        var pod = PodManifest.For(KubernetesHost.CreateSpec(), Image, new());
        var spec = pod.Spec;

        (pod.Metadata.OwnerReferences, spec.Volumes, spec.Containers[0].VolumeMounts).ShouldBe((null, null, null));
        (spec.SecurityContext.FsGroup, spec.SecurityContext.FsGroupChangePolicy).ShouldBe((null, null));
        spec.Containers[0].Resources.ShouldBeNull();
        spec.Containers[0].Command.ShouldBeNull();
        (spec.NodeSelector, spec.ImagePullSecrets, spec.SecurityContext.RunAsUser).ShouldBe((null, null, null));
        (spec.SecurityContext.RunAsNonRoot, spec.AutomountServiceAccountToken, spec.SecurityContext.SeccompProfile.Type).ShouldBe(
            (true, false, "RuntimeDefault")
        );
    }

    [Fact]
    public void HTTP2_image_is_probed_by_its_open_port()
    {
        var serving = PodManifest
            .For(KubernetesHost.CreateSpec(), Image with { Protocol = PodProtocol.H2c, Port = 9000 }, new())
            .Spec.Containers[0];

        (serving.ReadinessProbe.HttpGet, serving.StartupProbe.HttpGet).ShouldBe((null, null));
        ((string)serving.ReadinessProbe.TcpSocket.Port, (string)serving.StartupProbe.TcpSocket.Port).ShouldBe(("9000", "9000"));
        serving.Ports[0].Name.ShouldBe("h2c");
    }

    [Fact]
    public void Variable_of_a_deployment_replaces_the_default_of_the_same_name()
    {
        var pod = KubernetesHost.CreateSpec() with { Environment = new Dictionary<string, string> { ["PYTHONUNBUFFERED"] = "0" } };

        PodManifest
            .For(pod, Image, new())
            .Spec.Containers[0]
            .Env.Where(variable => variable.Name == "PYTHONUNBUFFERED")
            .ShouldHaveSingleItem()
            .Value.ShouldBe("0");
    }

    [Theory]
    [InlineData("secret:tokens/hub/more")]
    [InlineData("secret:tokens")]
    [InlineData("Secret:tokens/hub")]
    public void Value_that_is_not_exactly_a_secret_reference_is_used_as_written(string value)
    {
        var pod = KubernetesHost.CreateSpec() with { Environment = new Dictionary<string, string> { ["TOKEN"] = value } };

        PodManifest.For(pod, Image, new()).Spec.Containers[0].Env[0].Value.ShouldBe(value);
    }

    [Fact]
    public void Longest_deployment_name_gives_labels_within_63_characters()
    {
        var name = new string('a', 63);
        var pod = KubernetesHost.CreateSpec($"{name}-1-aaaaa", deployment: Contracts.Names.DeploymentName.Parse(name));

        PodManifest.For(pod, Image, new()).Metadata.Labels.Values.ShouldAllBe(value => value.Length <= 63);
    }

    [Fact]
    public void Pod_has_the_labels_of_its_deployment_which_cannot_replace_those_of_DeployCard()
    {
        var pod = KubernetesHost.CreateSpec() with
        {
            Labels = [new("example.com/team", "search"), new("deploycard.io/deployment", "other")],
        };

        var labels = PodManifest.For(pod, Image, new()).Metadata.Labels;

        labels["example.com/team"].ShouldBe("search");
        labels["deploycard.io/deployment"].ShouldBe(pod.Deployment.Value);
    }

    private static string Json(k8s.Models.V1Pod pod) => Json(KubernetesJson.Serialize(pod));

    private static string Json(string text) => Sorted(JsonNode.Parse(text)!).ToJsonString(new() { WriteIndented = true });

    /// <summary>Sorts the members of objects, because their order has no meaning.</summary>
    private static JsonNode Sorted(JsonNode node) =>
        node switch
        {
            JsonObject members => new JsonObject(
                members
                    .OrderBy(member => member.Key, StringComparer.Ordinal)
                    .Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Sorted(member.Value)))
            ),
            JsonArray items => new JsonArray([.. items.Select(item => Sorted(item!))]),
            _ => node.DeepClone(),
        };
}
