using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Settings;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Manifest of one pod, derived only from the pod's spec and the settings.</summary>
internal static class PodManifest
{
    // By default Kubernetes evicts the pods of a lost node after five minutes; a deployment needs replacements sooner.
    private const int LostNodeSeconds = 30;

    /// <summary>Returns the manifest of a pod.</summary>
    /// <param name="pod">The pod to create.</param>
    /// <param name="image">The image that <paramref name="pod"/> names.</param>
    /// <param name="options">The settings of the runtime.</param>
    /// <param name="owner">The owner of the pod; null for a pod without an owner.</param>
    /// <exception cref="PodRejectedException">A variable refers to a secret that deployments must not read.</exception>
    public static V1Pod For(PodSpec pod, KubernetesImage image, KubernetesOptions options, V1OwnerReference? owner = null) =>
        new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new()
            {
                Name = pod.Name.Value,
                Labels = PodLabels.For(pod, options.Installation),
                Annotations = SafeToEvict(),
                OwnerReferences = owner is null ? null : [owner],
            },
            Spec = new()
            {
                Containers = [ServingContainer.Create(pod, image, options)],
                RestartPolicy = "Always",
                TerminationGracePeriodSeconds = (long)Math.Ceiling(pod.TerminationGracePeriod.TotalSeconds),
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                ImagePullSecrets = ManifestLists.NullIfNone(
                    options.ImagePullSecrets.Select(name => new V1LocalObjectReference { Name = name })
                ),
                NodeSelector = options.NodeSelector.Count == 0 ? null : new Dictionary<string, string>(options.NodeSelector),
                Affinity = new() { PodAntiAffinity = PreferSpread(PodLabels.ForRevision(pod, options.Installation)) },
                Tolerations =
                [
                    .. options.Tolerations.Select(Toleration),
                    LostNode("node.kubernetes.io/unreachable"),
                    LostNode("node.kubernetes.io/not-ready"),
                ],
                SecurityContext = new()
                {
                    RunAsNonRoot = true,
                    RunAsUser = options.RunAsUser,
                    FsGroup = options.FsGroup,
                    // Otherwise each start checks the group of every file of a volume, which takes minutes if there are many.
                    FsGroupChangePolicy = options.FsGroup is null ? null : "OnRootMismatch",
                    SeccompProfile = new() { Type = "RuntimeDefault" },
                },
                Volumes = ManifestLists.NullIfNone(PodVolumes.For(image).Select(mounted => mounted.Volume)),
            },
        };

    /// <summary>
    /// Allows the cluster autoscaler to evict the pod. Otherwise it never removes a node with pods that have no owner or use shared memory.
    /// </summary>
    private static Dictionary<string, string> SafeToEvict() => new() { ["cluster-autoscaler.kubernetes.io/safe-to-evict"] = "true" };

    /// <summary>
    /// Prefers nodes and zones without other pods of the same revision, so that a lost node or zone does not take all of them. The
    /// scheduler spreads pods by default only if a controller such as a ReplicaSet owns them. Topology spread constraints would also work,
    /// but they ignore nodes without a zone label.
    /// </summary>
    private static V1PodAntiAffinity PreferSpread(Dictionary<string, string> others) =>
        new()
        {
            PreferredDuringSchedulingIgnoredDuringExecution =
            [
                new()
                {
                    Weight = 100,
                    PodAffinityTerm = new()
                    {
                        TopologyKey = "kubernetes.io/hostname",
                        LabelSelector = new() { MatchLabels = others },
                    },
                },
                new()
                {
                    Weight = 100,
                    PodAffinityTerm = new()
                    {
                        TopologyKey = "topology.kubernetes.io/zone",
                        LabelSelector = new() { MatchLabels = others },
                    },
                },
            ],
        };

    private static V1Toleration Toleration(TolerationOptions taint) =>
        new()
        {
            Key = taint.Key.Length == 0 ? null : taint.Key,
            OperatorProperty = taint.Value.Length == 0 ? "Exists" : "Equal",
            Value = taint.Value.Length == 0 ? null : taint.Value,
            Effect = taint.Effect.Length == 0 ? null : taint.Effect,
        };

    private static V1Toleration LostNode(string key) =>
        new()
        {
            Key = key,
            OperatorProperty = "Exists",
            Effect = "NoExecute",
            TolerationSeconds = LostNodeSeconds,
        };
}
