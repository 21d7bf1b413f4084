using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Settings;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Container of a pod that serves the model: its manifest, and the values that the runtime reads back from it.</summary>
internal static class ServingContainer
{
    public const string Name = "serving";

    private const int ProbeSeconds = 1;
    private const int ReadinessSeconds = 2;

    /// <summary>Returns the serving container of a new pod.</summary>
    /// <exception cref="PodRejectedException">A variable refers to a secret that deployments must not read.</exception>
    public static V1Container Create(PodSpec pod, KubernetesImage image, KubernetesOptions options) =>
        new()
        {
            Name = Name,
            Image = image.Reference,
            Command = ManifestLists.NullIfNone(image.Command),
            Ports =
            [
                new()
                {
                    ContainerPort = image.Port,
                    Name = PortName(image.Protocol),
                    Protocol = "TCP",
                },
            ],
            Env = [.. PodEnvironment.For(pod, image, options)],
            Resources = Resources(pod, options),
            VolumeMounts = ManifestLists.NullIfNone(PodVolumes.For(image).Select(mounted => mounted.Mount)),
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

    /// <summary>Returns the serving container of a pod; null if the pod has none, as a pod of another program may not.</summary>
    public static V1Container? Find(V1Pod pod) => pod.Spec?.Containers?.FirstOrDefault(container => container.Name == Name);

    /// <summary>
    /// Returns the time that the startup probe gives a pod to become ready; <see cref="TimeSpan.MaxValue"/> if the pod has no such probe.
    /// </summary>
    public static TimeSpan GetStartupTimeout(V1Pod pod) =>
        Find(pod)?.StartupProbe is { } probe
            ? TimeSpan.FromSeconds(((probe.FailureThreshold ?? 3) - 1) * (probe.PeriodSeconds ?? 10))
            : TimeSpan.MaxValue;

    /// <summary>Returns the port on which the serving container listens.</summary>
    public static int GetPort(V1Pod pod) => Find(pod)!.Ports[0].ContainerPort;

    /// <summary>Returns the path that responds with 2xx once the pod is ready; null if an open port is enough.</summary>
    public static string? GetReadinessPath(V1Pod pod) => Find(pod)?.ReadinessProbe?.HttpGet?.Path;

    /// <summary>Returns the protocol that the serving container speaks.</summary>
    public static PodProtocol GetProtocol(V1Pod pod) =>
        Find(pod)!.Ports[0].Name == PortName(PodProtocol.H2c) ? PodProtocol.H2c : PodProtocol.Http1;

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
}
