using System.ComponentModel.DataAnnotations;

namespace DeployCard.Contracts.Callbacks;

/// <summary>Settings of callbacks of asynchronous calls (section <c>Callbacks</c>).</summary>
public sealed class CallbackOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Callbacks";

    /// <summary>
    /// Private networks that callbacks may reach, such as <c>10.1.0.0/16</c> or <c>fd00::/8</c>. Anyone with an API key can make DeployCard
    /// send requests to them.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Exact host names that callbacks may reach regardless of their addresses, such as <c>hooks.internal</c>.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Whether callback URLs may use unencrypted <c>http</c>.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Maximum duration of a delivery, from name resolution to the end of the response.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Maximum time that a delivery waits for a free slot before it is postponed by about a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum time after the end of a call during which delivery of its callback is retried.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxDeliveryAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Maximum number of concurrent deliveries of a silo.</summary>
    [Range(1, 1_000)]
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>Maximum number of concurrent deliveries of a silo to one host and port.</summary>
    [Range(1, 1_000)]
    public int MaxConcurrencyPerHost { get; set; } = 8;

    /// <summary>
    /// Maximum number of deliveries of a silo that wait for a free slot. Further ones are postponed by about a minute.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxQueuedDeliveries { get; set; } = 4_096;
}
