using System.ComponentModel.DataAnnotations;

namespace DeployCard.Silo.Hosting;

/// <summary>
/// Settings of the cluster of silos that share a PostgreSQL database (section <c>Cluster</c>). They have no effect with SQLite, which has
/// only one silo.
/// </summary>
internal sealed class ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>Name of this cluster, unique within the database.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public string Id { get; set; } = "deploycard";

    /// <summary>
    /// Secret of the installation in base64, at least 32 bytes and the same on all silos. The secret is required. It is part of the hash of
    /// every key and token.
    /// </summary>
    public string Secret { get; set; } = "";

    /// <summary>
    /// Whether all silos run on one machine. The value must be true if pods are local processes, because silos on other machines cannot
    /// reach them. The setting has no effect with pods on Kubernetes.
    /// </summary>
    public bool SharedMachine { get; set; }

    /// <summary>IP address at which other silos reach this one; not a wildcard such as <c>0.0.0.0</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Port at which other silos reach this one. 0 selects a free port.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; } = 11_111;

    /// <summary>
    /// Time within which a silo must respond to a probe of another silo. A failed silo is declared dead after about this time
    /// multiplied by <see cref="MaxMissedProbes"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Number of missed probes after which a silo suspects another one. A silo is declared dead when two silos suspect it, or all
    /// other silos if there are fewer than two.
    /// </summary>
    [Range(1, 20)]
    public int MaxMissedProbes { get; set; } = 3;

    /// <summary>
    /// Time for which a stopping silo still accepts requests after it reports not ready, so that load balancers can remove it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ShutdownDelay { get; set; }

    /// <summary>
    /// Maximum time for which a stopping silo waits until other silos have replaced its local pods. The time starts after
    /// <see cref="ShutdownDelay"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether grains are moved to silos that have fewer of them, such as a silo that has just joined.</summary>
    public bool Rebalance { get; set; } = true;
}
