using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.Callbacks;

/// <summary>What holds for every callback of an asynchronous call (section <c>Callbacks</c>).</summary>
public sealed class CallbackOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Callbacks";

    /// <summary>
    /// Networks that callbacks may reach though they are not public, as in <c>10.1.0.0/16</c> or <c>fd00::/8</c>; none by default. Whoever has a
    /// key of a deployment may have requests sent there.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Exact names of hosts that callbacks may reach whatever their addresses are, as in <c>hooks.internal</c>; none by default.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Whether callbacks may go over <c>http</c>, where everybody on the way can read them. Default: no.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>How long one delivery may take, from the look-up of the name to the answer: 1 s to 1 min, default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a delivery waits for its turn before it is put off by about a minute: 1 s to 1 min, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after a call's end it is tried to tell it: 1 s to 30 days, default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxDeliveryAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Deliveries of one silo at once: 1 to 1,000, default 64.</summary>
    [Range(1, 1_000)]
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>Deliveries of one silo to one host and port at once: 1 to 1,000, default 8.</summary>
    [Range(1, 1_000)]
    public int MaxConcurrencyPerHost { get; set; } = 8;

    /// <summary>Deliveries of one silo that wait for their turn; further ones are put off by about a minute: 1 to 100,000, default 4,096.</summary>
    [Range(1, 100_000)]
    public int MaxQueuedDeliveries { get; set; } = 4_096;
}
