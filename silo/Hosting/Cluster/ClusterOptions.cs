using System.ComponentModel.DataAnnotations;

namespace DeployCard.Silo.Hosting.Cluster;

/// <summary>How the silos of one PostgreSQL database work together (section <c>Cluster</c>); SQLite has one silo, and needs none of this.</summary>
internal sealed class ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>Tells this cluster from others in the same database, 1 to 100 characters.</summary>
    [Required, StringLength(100)]
    public string Id { get; set; } = "deploycard";

    /// <summary>The secret of the installation as base64, at least 32 bytes, the same on all silos: it goes into the hash of every key and token.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Whether all silos run on this machine: only then can one reach the local processes that are another's pods. With pods on Kubernetes it does not matter.</summary>
    public bool SharedMachine { get; set; }

    /// <summary>The IP address at which the other silos reach this one.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port at which they do, 0 for any that is free.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; } = 11_111;

    /// <summary>How long a silo may take to answer another one's probe, 100 ms to 1 min. A lost silo is known as such after about this times <see cref="MaxMissedProbes"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After how many probes without an answer a silo is suspected, 1 to 20; two silos must suspect it, or all others where there are fewer.</summary>
    [Range(1, 20)]
    public int MaxMissedProbes { get; set; } = 3;

    /// <summary>How long a silo that is asked to end still takes requests, 0 to 5 min: as long as a load balancer needs to see that it is not ready any more.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ShutdownDelay { get; set; }

    /// <summary>How long its pods may take to be replaced by pods of other silos, 0 to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether grains move to silos that have fewer of them.</summary>
    public bool Rebalance { get; set; } = true;
}
