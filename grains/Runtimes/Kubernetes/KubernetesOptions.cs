using System.ComponentModel.DataAnnotations;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>Settings of the Kubernetes runtime, by custom in the section <c>Kubernetes</c>.</summary>
public sealed class KubernetesOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Kubernetes";

    /// <summary>The namespace that all pods of this installation are in; it must exist. Empty: the one that the silo itself runs in, or the kubeconfig's.</summary>
    [RegularExpression(
        "([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?",
        ErrorMessage = "Kubernetes:Namespace must be at most 63 small letters, digits or '-', with a letter or digit at both ends."
    )]
    public string Namespace { get; set; } = "";

    /// <summary>Tells this installation's pods from those of another one in the same namespace; a label's value, 1 to 63 characters.</summary>
    [
        Required,
        RegularExpression(
            "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?",
            ErrorMessage = "Kubernetes:Installation must be 1 to 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends."
        )
    ]
    public string Installation { get; set; } = "deploycard";

    /// <summary>A kubeconfig file. Empty: the service account of the pod that the silo runs in, else the user's own kubeconfig.</summary>
    public string KubeConfig { get; set; } = "";

    /// <summary>The context of the kubeconfig; empty: its present one.</summary>
    public string Context { get; set; } = "";

    /// <summary>How long the API server may take to begin an answer, 1 s to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often all pods are listed anew, in case that the watch missed one, 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RelistInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The pause after a first failure to reach the API server, 10 ms to 1 min; each further one doubles it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest such pause, 10 ms to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often pods are looked for whose deployment is gone, 1 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan OrphanSweepInterval { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How old such a pod must be, 0 s to 1 day: a younger one may only just have been started.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MinOrphanAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether a deployment may name any image reference; otherwise only those of <see cref="Images"/>.</summary>
    public bool AllowAnyImage { get; set; } = true;

    /// <summary>Images by name.</summary>
    public IList<KubernetesImageOptions> Images { get; } = [];

    /// <summary>The port of an image of which nothing else is said, 1 to 65,535; the serving script finds it in <c>PORT</c>.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 8080;

    /// <summary>The readiness path of such an image.</summary>
    [Required, RegularExpression("/[!-~]{0,999}", ErrorMessage = "Kubernetes:ReadinessPath must be a path as in /healthz.")]
    public string ReadinessPath { get; set; } = "/";

    /// <summary>Names of secrets with which images are pulled.</summary>
    public IList<string> ImagePullSecrets { get; } = [];

    /// <summary>
    /// Names of secrets that deployments may take variables from, by the value <c>secret:NAME/KEY</c>. Whoever may deploy can read all that stands in them.
    /// </summary>
    public IList<string> EnvironmentSecrets { get; } = [];

    /// <summary>Labels that a node must have.</summary>
    public IDictionary<string, string> NodeSelector { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Taints of nodes that pods tolerate.</summary>
    public IList<TolerationOptions> Tolerations { get; } = [];

    /// <summary>The resource that a graphics processor is.</summary>
    [Required, StringLength(253)]
    public string GpuResource { get; set; } = "nvidia.com/gpu";

    /// <summary>The user that pods run as, 1 to 2,147,483,647; none: the image's own, which must not be root and must be given as a number.</summary>
    [Range(1, int.MaxValue)]
    public long? RunAsUser { get; set; }

    /// <summary>The group that volumes belong to, 1 to 2,147,483,647, so that pods may write to them; none: they stay as they are.</summary>
    [Range(1, int.MaxValue)]
    public long? FsGroup { get; set; }
}

/// <summary>An image that deployments can name.</summary>
public sealed class KubernetesImageOptions
{
    /// <summary>What deployments name it by.</summary>
    public string Name { get; set; } = "";

    /// <summary>The reference of the container image, as in <c>registry.example.org/models/iris:1</c>.</summary>
    public string Reference { get; set; } = "";

    /// <summary>One line for people.</summary>
    public string Description { get; set; } = "";

    /// <summary>The port that it listens on; none: <see cref="KubernetesOptions.Port"/>.</summary>
    public int? Port { get; set; }

    /// <summary>Where <c>GET</c> answers 2xx once it is ready; none: <see cref="KubernetesOptions.ReadinessPath"/>.</summary>
    public string? ReadinessPath { get; set; }

    /// <summary>What it speaks. With <c>H2c</c> it is ready as soon as its port is open: no probe of the platform speaks HTTP/2.</summary>
    public PodProtocol Protocol { get; set; }

    /// <summary>The command with its arguments, in place of the image's own.</summary>
    public IList<string> Command { get; } = [];

    /// <summary>
    /// The most of shared memory (<c>/dev/shm</c>), 1 MiB to 1 TiB in bytes; it counts as the pod's memory. None: the container engine's own, 64 MiB, which is
    /// too little for servers that compute in several processes.
    /// </summary>
    public long? SharedMemoryBytes { get; set; }

    /// <summary>Volumes that its pods find there, as with weights that are not part of the image.</summary>
    public IList<KubernetesVolumeOptions> Volumes { get; } = [];
}

/// <summary>A volume for the pods of an image.</summary>
public sealed class KubernetesVolumeOptions
{
    /// <summary>The persistent volume claim; it must be in the pods' namespace, and let as many nodes at it as there are pods on.</summary>
    public string Claim { get; set; } = "";

    /// <summary>Where it is mounted, as in <c>/models</c>; 2 to 1,000 characters.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether nothing is written to it.</summary>
    public bool ReadOnly { get; set; } = true;
}

/// <summary>A taint that pods tolerate.</summary>
public sealed class TolerationOptions
{
    /// <summary>Its key; empty: all.</summary>
    public string Key { get; set; } = "";

    /// <summary>Its value; empty: any.</summary>
    public string Value { get; set; } = "";

    /// <summary>Its effect, <c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>; empty: all.</summary>
    public string Effect { get; set; } = "";
}
