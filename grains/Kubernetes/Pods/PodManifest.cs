using System.Text.RegularExpressions;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Settings;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Manifest of one pod, derived only from the pod's spec and the settings.</summary>
internal static partial class PodManifest
{
    public const string ContainerName = "serving";

    private const string SharedMemory = "shared-memory";
    private const int ProbeSeconds = 1;
    private const int ReadinessSeconds = 2;

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
                Containers = [CreateServingContainer(pod, image, options)],
                RestartPolicy = "Always",
                TerminationGracePeriodSeconds = (long)Math.Ceiling(pod.TerminationGracePeriod.TotalSeconds),
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                ImagePullSecrets = NullIfNone(options.ImagePullSecrets.Select(name => new V1LocalObjectReference { Name = name })),
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
                Volumes = NullIfNone(Volumes(image).Select(mounted => mounted.Volume)),
            },
        };

    /// <summary>Returns the serving container of a pod; null if the pod has none, as a pod of another program may not.</summary>
    public static V1Container? FindServingContainer(V1Pod pod) =>
        pod.Spec?.Containers?.FirstOrDefault(container => container.Name == ContainerName);

    /// <summary>
    /// Returns the time that the startup probe gives a pod to become ready; <see cref="TimeSpan.MaxValue"/> if the pod has no such probe.
    /// </summary>
    public static TimeSpan GetStartupTimeout(V1Pod pod) =>
        FindServingContainer(pod)?.StartupProbe is { } probe
            ? TimeSpan.FromSeconds(((probe.FailureThreshold ?? 3) - 1) * (probe.PeriodSeconds ?? 10))
            : TimeSpan.MaxValue;

    /// <summary>Returns the port on which the serving container listens.</summary>
    public static int GetPort(V1Pod pod) => FindServingContainer(pod)!.Ports[0].ContainerPort;

    /// <summary>Returns the path that responds with 2xx once the pod is ready; null if an open port is enough.</summary>
    public static string? GetReadinessPath(V1Pod pod) => FindServingContainer(pod)?.ReadinessProbe?.HttpGet?.Path;

    /// <summary>Returns the protocol that the serving container speaks.</summary>
    public static PodProtocol GetProtocol(V1Pod pod) =>
        FindServingContainer(pod)!.Ports[0].Name == PortName(PodProtocol.H2c) ? PodProtocol.H2c : PodProtocol.Http1;

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

    private static V1Container CreateServingContainer(PodSpec pod, KubernetesImage image, KubernetesOptions options) =>
        new()
        {
            Name = ContainerName,
            Image = image.Reference,
            Command = NullIfNone(image.Command),
            Ports =
            [
                new()
                {
                    ContainerPort = image.Port,
                    Name = PortName(image.Protocol),
                    Protocol = "TCP",
                },
            ],
            Env = [.. Environment(pod, image, options)],
            Resources = Resources(pod, options),
            VolumeMounts = NullIfNone(Volumes(image).Select(mounted => mounted.Mount)),
            // The first probe runs immediately, so the timeout has passed only after one more failure.
            StartupProbe = Probe(image, ProbeSeconds, (int)Math.Ceiling(pod.StartupTimeout.TotalSeconds / ProbeSeconds) + 1),
            ReadinessProbe = Probe(image, ReadinessSeconds, failures: 3),
            // Copies the last log lines into the status, so that the reason of a failure is known without reading the log.
            TerminationMessagePolicy = "FallbackToLogsOnError",
            SecurityContext = new()
            {
                AllowPrivilegeEscalation = false,
                Privileged = false,
                Capabilities = new() { Drop = ["ALL"] },
            },
        };

    private static IEnumerable<V1EnvVar> Environment(PodSpec pod, KubernetesImage image, KubernetesOptions options) =>
        [
            .. pod
                .Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal)
                .Select(variable => Variable(variable.Key, variable.Value, options)),
            // Without this variable Python buffers up to 8 KiB of output, and a live log stays empty.
            .. pod.Environment.ContainsKey("PYTHONUNBUFFERED")
                ? []
                : new[]
                {
                    new V1EnvVar { Name = "PYTHONUNBUFFERED", Value = "1" },
                },
            new() { Name = "PORT", Value = $"{image.Port}" },
            new() { Name = "HOSTNAME", Value = pod.Name.Value },
            new() { Name = "DEPLOYMENT", Value = pod.Deployment.Value },
        ];

    private static V1EnvVar Variable(string name, string value, KubernetesOptions options)
    {
        if (SecretKey().Match(value) is not { Success: true } secret)
            return new() { Name = name, Value = Literal(value) };
        var from = secret.Groups["name"].Value;
        return options.EnvironmentSecrets.Contains(from, StringComparer.Ordinal)
            ? new()
            {
                Name = name,
                ValueFrom = new()
                {
                    SecretKeyRef = new() { Name = from, Key = secret.Groups["key"].Value },
                },
            }
            : throw new PodRejectedException(
                PodReasons.Rejected,
                $"Variable {name} refers to secret '{from}', which deployments must not read. "
                    + "Add it to Kubernetes:EnvironmentSecrets to allow this."
            );
    }

    /// <summary>Escapes <c>$(NAME)</c>, which Kubernetes would otherwise replace by the value of another variable.</summary>
    private static string Literal(string value) => value.Replace("$(", "$$(", StringComparison.Ordinal);

    private static V1ResourceRequirements? Resources(PodSpec pod, KubernetesOptions options)
    {
        var limits = new Dictionary<string, ResourceQuantity>();
        if (pod.Cpu is { } cores)
            limits["cpu"] = new($"{Math.Max(1, (long)Math.Round(cores * 1000))}m");
        if (pod.MemoryBytes is { } bytes)
            limits["memory"] = new($"{bytes}");
        if (pod.Gpu > 0)
            limits[options.GpuResource] = new($"{pod.Gpu}");
        // Requests equal limits: the node reserves what the pod may use, so that other pods cannot slow it down.
        return limits.Count == 0 ? null : new() { Limits = limits, Requests = new Dictionary<string, ResourceQuantity>(limits) };
    }

    /// <summary>Returns the volumes of a pod, each with its mount in the container.</summary>
    private static IEnumerable<(V1Volume Volume, V1VolumeMount Mount)> Volumes(KubernetesImage image)
    {
        if (image.SharedMemoryBytes is { } bytes)
        {
            yield return (
                new()
                {
                    Name = SharedMemory,
                    EmptyDir = new() { Medium = "Memory", SizeLimit = new($"{bytes}") },
                },
                new() { Name = SharedMemory, MountPath = "/dev/shm" }
            );
        }

        for (var i = 0; i < image.Volumes.Count; i++)
        {
            var (claim, path, isReadOnly) = image.Volumes[i];
            bool? readOnly = isReadOnly ? true : null;
            yield return (
                new()
                {
                    Name = $"volume-{i}",
                    PersistentVolumeClaim = new() { ClaimName = claim, ReadOnlyProperty = readOnly },
                },
                new()
                {
                    Name = $"volume-{i}",
                    MountPath = path,
                    ReadOnlyProperty = readOnly,
                }
            );
        }
    }

    private static List<T>? NullIfNone<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } some ? some : null;

    private static V1Probe Probe(KubernetesImage image, int period, int failures) =>
        new()
        {
            HttpGet = image.Protocol is PodProtocol.Http1 ? new() { Path = image.ReadinessPath, Port = image.Port } : null,
            TcpSocket = image.Protocol is PodProtocol.H2c ? new() { Port = image.Port } : null,
            PeriodSeconds = period,
            FailureThreshold = failures,
            TimeoutSeconds = 5,
        };

    private static string PortName(PodProtocol protocol) => protocol is PodProtocol.H2c ? "h2c" : "http";

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

    [GeneratedRegex(
        @"^secret:(?<name>[a-z0-9][a-z0-9.-]{0,252})/(?<key>[A-Za-z0-9._-]{1,253})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex SecretKey();
}
