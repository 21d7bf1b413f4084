using System.ComponentModel.DataAnnotations;
using DeployCard.Contracts.Pods;

namespace DeployCard.Kubernetes.Settings;

/// <summary>
/// Settings of the Kubernetes runtime (section <c>Kubernetes</c>). They apply if <c>Pods:Runtime</c> is <c>Kubernetes</c>.
/// </summary>
public sealed class KubernetesOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Kubernetes";

    /// <summary>
    /// Namespace of all pods of this installation. The namespace must exist. If empty, the namespace of the silo's own pod, or that of the
    /// kubeconfig.
    /// </summary>
    [
        StringLength(63),
        RegularExpression(
            "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
            ErrorMessage = "{0} must be lowercase letters, digits or '-', with a letter or digit at both ends"
        )
    ]
    public string Namespace { get; set; } = "";

    /// <summary>
    /// Label value that distinguishes the pods of this installation from those of another installation in the same namespace.
    /// </summary>
    [
        Required,
        StringLength(63, MinimumLength = 1),
        RegularExpression(
            "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?",
            ErrorMessage = "{0} must be letters, digits, '-', '_' or '.', with a letter or digit at both ends"
        )
    ]
    public string Installation { get; set; } = "deploycard";

    /// <summary>
    /// Path of a kubeconfig file. If empty, the service account of the silo's own pod is used, or outside a cluster the default kubeconfig
    /// of the user.
    /// </summary>
    public string KubeConfig { get; set; } = "";

    /// <summary>Context of the kubeconfig. If empty, its current context.</summary>
    public string Context { get; set; } = "";

    /// <summary>Maximum time until the API server sends the response headers.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Interval at which all pods are listed again, in case the watch missed a change.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RelistInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Delay after the first failed request to the API server. The delay doubles after each further failure, up to
    /// <see cref="MaxBackoff"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Maximum delay between failed requests to the API server; at least <see cref="InitialBackoff"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Interval at which pods are deleted that belong to no deployment (orphans).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan OrphanSweepInterval { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Minimum age of a pod to be deleted as an orphan, because a younger pod may still be starting.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MinOrphanAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether a deployment may use any image reference. If false, it may use only the names of <see cref="Images"/>.</summary>
    public bool AllowAnyImage { get; set; } = true;

    /// <summary>Images that deployments can name, each with its own settings.</summary>
    public IList<KubernetesImageOptions> Images { get; } = [];

    /// <summary>Port of an image for which <see cref="Images"/> sets no port. The serving script reads it from <c>PORT</c>.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 8080;

    /// <summary>Readiness path of an image for which <see cref="Images"/> sets no path.</summary>
    [Required, StringLength(1_000, MinimumLength = 1), RegularExpression("/[!-~]*", ErrorMessage = "{0} must be a path such as /healthz")]
    public string ReadinessPath { get; set; } = "/";

    /// <summary>Names of the secrets with credentials of image registries.</summary>
    public IList<string> ImagePullSecrets { get; } = [];

    /// <summary>
    /// Names of the secrets that deployments may use in environment variables, by the value <c>secret:NAME/KEY</c>. Every user who may
    /// deploy can read the whole content of these secrets.
    /// </summary>
    public IList<string> EnvironmentSecrets { get; } = [];

    /// <summary>Value of the label <c>&lt;name&gt;</c> that a node must have to run pods.</summary>
    public IDictionary<string, string> NodeSelector { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Tolerations of pods, in addition to those for unreachable and not-ready nodes.</summary>
    public IList<TolerationOptions> Tolerations { get; } = [];

    /// <summary>Name of the resource of which a pod requests one unit per GPU.</summary>
    [Required, StringLength(253, MinimumLength = 1)]
    public string GpuResource { get; set; } = "nvidia.com/gpu";

    /// <summary>User id that pods run as. If not set, the user of the image, which must be a number other than 0.</summary>
    [Range(1L, int.MaxValue)]
    public long? RunAsUser { get; set; }

    /// <summary>
    /// Group id that volumes are assigned to, so that pods may write to them. If not set, the group of a volume is unchanged.
    /// </summary>
    [Range(1L, int.MaxValue)]
    public long? FsGroup { get; set; }
}

/// <summary>An image that deployments can name.</summary>
public sealed class KubernetesImageOptions
{
    /// <summary>Name by which deployments refer to the image. Each name must be unique.</summary>
    [Required, StringLength(255, MinimumLength = 1)]
    public string Name { get; set; } = "";

    /// <summary>Reference of the container image, such as <c>registry.example.org/models/iris:1</c>.</summary>
    public string Reference { get; set; } = "";

    /// <summary>One-line description for users.</summary>
    public string Description { get; set; } = "";

    /// <summary>Port on which the image listens. If not set, <c>Kubernetes:Port</c>.</summary>
    [Range(1, 65_535)]
    public int? Port { get; set; }

    /// <summary>Path at which <c>GET</c> returns 2xx once a pod is ready. If not set, <c>Kubernetes:ReadinessPath</c>.</summary>
    [StringLength(1_000, MinimumLength = 1), RegularExpression("/[!-~]*", ErrorMessage = "{0} must be a path such as /healthz")]
    public string? ReadinessPath { get; set; }

    /// <summary>
    /// Protocol that the image speaks. With <c>H2c</c> a pod is ready as soon as its port is open, because Kubernetes has no HTTP/2 probe.
    /// </summary>
    public PodProtocol Protocol { get; set; }

    /// <summary>Command and its arguments. If empty, the entry point of the image.</summary>
    public IList<string> Command { get; } = [];

    /// <summary>
    /// Maximum size of the shared memory (<c>/dev/shm</c>) in bytes. Used shared memory counts toward the memory limit of the pod. If not
    /// set, the default of the container engine applies: 64 MiB, which is too little for servers that compute in several processes.
    /// </summary>
    [Range(1L << 20, 1L << 40)]
    public long? SharedMemoryBytes { get; set; }

    /// <summary>Volumes to mount in pods of the image, for example with weights that are not part of the image.</summary>
    public IList<KubernetesVolumeOptions> Volumes { get; } = [];
}

/// <summary>A volume for the pods of an image.</summary>
public sealed class KubernetesVolumeOptions
{
    /// <summary>
    /// Name of the persistent volume claim. It must be in the namespace of the pods, with an access mode that suits the number of nodes
    /// that run them.
    /// </summary>
    public string Claim { get; set; } = "";

    /// <summary>Path of the mount in the container, such as <c>/models</c>.</summary>
    // Paths that Kubernetes accepts, except those with "..", which lead elsewhere than they seem to.
    [
        Required,
        StringLength(1_000, MinimumLength = 2),
        RegularExpression(
            @"/(?!.*\.\.)[!-9;-~]+",
            ErrorMessage = "{0} must be a path such as /models, of printable characters without ':' and '..'"
        )
    ]
    public string Path { get; set; } = "";

    /// <summary>Whether the volume is mounted read-only.</summary>
    public bool ReadOnly { get; set; } = true;
}

/// <summary>A taint that pods tolerate.</summary>
public sealed class TolerationOptions
{
    /// <summary>Key of the taint. If empty, all keys are tolerated.</summary>
    public string Key { get; set; } = "";

    /// <summary>Value of the taint. If empty, all values are tolerated. A value requires a key.</summary>
    public string Value { get; set; } = "";

    /// <summary>Effect of the taint. If empty, all effects are tolerated.</summary>
    [AllowedValues("NoSchedule", "PreferNoSchedule", "NoExecute", "")]
    public string Effect { get; set; } = "";
}
