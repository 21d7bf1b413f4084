using System.Text.RegularExpressions;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes.Images;
using k8s.Models;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>What is applied for one pod: a function of what the deployment wants and of the settings, nothing else.</summary>
internal static partial class PodManifest
{
    public const string Container = "serving";

    private const string SharedMemory = "shared-memory";
    private const int ProbeSeconds = 1;
    private const int ReadinessSeconds = 2;

    // A node that is lost keeps its pods for five minutes by custom; a deployment gets others sooner.
    private const int LostNodeSeconds = 30;

    /// <exception cref="PodRefusedException">A variable names a secret that deployments must not read.</exception>
    public static V1Pod For(PodSpec pod, KubernetesImage image, KubernetesOptions options, V1OwnerReference? owner = null) =>
        new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new()
            {
                Name = pod.Name.Value,
                Labels = PodLabels.For(pod, options.Installation),
                Annotations = Evictable(),
                OwnerReferences = owner is null ? null : [owner],
            },
            Spec = new()
            {
                Containers = [Serving(pod, image, options)],
                RestartPolicy = "Always",
                TerminationGracePeriodSeconds = (long)Math.Ceiling(pod.TerminationGracePeriod.TotalSeconds),
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                ImagePullSecrets = NullIfNone(options.ImagePullSecrets.Select(name => new V1LocalObjectReference { Name = name })),
                NodeSelector = options.NodeSelector.Count == 0 ? null : new Dictionary<string, string>(options.NodeSelector),
                Affinity = new() { PodAntiAffinity = Apart(PodLabels.OfRevision(pod, options.Installation)) },
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
                    // Else all files of a volume are looked at at each start, which takes minutes where there are many.
                    FsGroupChangePolicy = options.FsGroup is null ? null : "OnRootMismatch",
                    SeccompProfile = new() { Type = "RuntimeDefault" },
                },
                Volumes = NullIfNone(Volumes(image).Select(mounted => mounted.Volume)),
            },
        };

    /// <summary>The container of a pod that serves; null in a pod that we have not made.</summary>
    public static V1Container? Serving(V1Pod pod) => pod.Spec?.Containers?.FirstOrDefault(container => container.Name == Container);

    /// <summary>How long its manifest gives a pod to become ready.</summary>
    public static TimeSpan StartupLimit(V1Pod pod) =>
        Serving(pod)?.StartupProbe is { } probe
            ? TimeSpan.FromSeconds(((probe.FailureThreshold ?? 3) - 1) * (probe.PeriodSeconds ?? 10))
            : TimeSpan.MaxValue;

    /// <summary>The port of a pod's serving script.</summary>
    public static int Port(V1Pod pod) => Serving(pod)!.Ports[0].ContainerPort;

    /// <summary>Where a pod answers 2xx once it is ready; null where an open port is enough.</summary>
    public static string? ReadinessPath(V1Pod pod) => Serving(pod)?.ReadinessProbe?.HttpGet?.Path;

    /// <summary>What a pod speaks.</summary>
    public static PodProtocol Protocol(V1Pod pod) =>
        Serving(pod)!.Ports[0].Name == PortName(PodProtocol.H2c) ? PodProtocol.H2c : PodProtocol.Http1;

    /// <summary>A node is kept for pods that have no owner, or shared memory, where its autoscaler is not told that they come again elsewhere.</summary>
    private static Dictionary<string, string> Evictable() => new() { ["cluster-autoscaler.kubernetes.io/safe-to-evict"] = "true" };

    /// <summary>
    /// Away from the others of its revision where there is room: with a node or a zone not all of them are to go. By itself the platform sees to that only for
    /// pods that a ReplicaSet owns. Spread constraints would do it too, but count for nothing where a node has no label of a zone.
    /// </summary>
    private static V1PodAntiAffinity Apart(Dictionary<string, string> others) =>
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

    private static V1Container Serving(PodSpec pod, KubernetesImage image, KubernetesOptions options) =>
        new()
        {
            Name = Container,
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
            // The first one comes at once: it takes one more for the time to be over.
            StartupProbe = Probe(image, ProbeSeconds, (int)Math.Ceiling(pod.StartupTimeout.TotalSeconds / ProbeSeconds) + 1),
            ReadinessProbe = Probe(image, ReadinessSeconds, failures: 3),
            // What it wrote last then stands in its status: the reason of a failure is there at once, without a look into the log.
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
            // Without it Python keeps its output back until 8 KiB are together, and a live log shows nothing.
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
            : throw new PodRefusedException(
                PodReasons.Refused,
                $"The variable {name} is taken from the secret '{from}', which deployments must not read: it is not named in Kubernetes:EnvironmentSecrets."
            );
    }

    /// <summary>Kubernetes would put other variables in place of <c>$(NAME)</c>; here a value is what it says.</summary>
    private static string Literal(string value) => value.Replace("$(", "$$(", StringComparison.Ordinal);

    private static V1ResourceRequirements? Resources(PodSpec pod, KubernetesOptions options)
    {
        var bounds = new Dictionary<string, ResourceQuantity>();
        if (pod.Cpu is { } cores)
            bounds["cpu"] = new($"{Math.Max(1, (long)Math.Round(cores * 1000))}m");
        if (pod.MemoryBytes is { } bytes)
            bounds["memory"] = new($"{bytes}");
        if (pod.Gpu > 0)
            bounds[options.GpuResource] = new($"{pod.Gpu}");
        // What it may use is also kept free for it: a model that is slow because of its neighbours is of no use.
        return bounds.Count == 0 ? null : new() { Limits = bounds, Requests = new Dictionary<string, ResourceQuantity>(bounds) };
    }

    /// <summary>The volumes of a pod, each with its place in the container.</summary>
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
